import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { StoreError } from '../../store-error.ts';
import { watchConnection } from './connect-nats.ts';
import type { StoredMessage } from './event-message.ts';
import { isWrongLastSequence, toNatsError } from './nats-error.ts';
import { IdleReaders, READER_IDLE_NS } from './idle-readers.ts';
import { pullPage, type PulledPage } from './pull-page.ts';

export interface Raw {
  readonly seq: number;
  readonly subject: string;
  readonly payload: string;
}

/** One JetStream stream with the events of all tenants: what the spine asks of it, in the words of the port. */
export class NatsLog {
  /** Also what every subject starts with. */
  readonly name: string;
  readonly #connection: NatsConnection;
  readonly #manager: JetStreamManager;
  readonly #client: JetStreamClient;
  /** Milliseconds after which a call fails. */
  readonly timeoutMs: number;
  readonly #readers = new IdleReaders((reader) => this.#forget(reader));
  #up = true;

  constructor(
    connection: NatsConnection,
    [manager, client]: readonly [JetStreamManager, JetStreamClient],
    name: string,
    timeoutMs: number,
  ) {
    this.timeoutMs = timeoutMs;
    this.#connection = connection;
    this.#manager = manager;
    this.#client = client;
    this.name = name;
    void watchConnection(connection, (up) => {
      this.#up = up;
      this.#readers.clear();
    });
  }

  /** The newest message of a subject, from the leader: never older than what was acknowledged. */
  newest(subject: string): Promise<Raw | undefined> {
    return this.#get({ last_by_subj: subject });
  }

  at(seq: number): Promise<Raw | undefined> {
    return this.#get({ seq });
  }

  /**
   * Writes when the newest message of the subject has the sequence `last`, 0 for none. Answers with the sequence of
   * the message, or undefined when the subject has another newest one.
   */
  async publish(subject: string, payload: string, last: number): Promise<number | undefined> {
    return this.#call(`write to ${this.name}`, 'write', async () => {
      try {
        return (await this.#client.publish(subject, payload, { expect: { lastSubjectSequence: last } })).seq;
      } catch (error) {
        if (isWrongLastSequence(error)) return undefined;
        throw error;
      }
    });
  }

  /**
   * Messages of a subject behind the sequence `start`, 0 for all; `more` when some were there that did not fit. `whole`
   * says that none can be missing: the message `start`, or the first of the page, was there still when the last one had
   * come, and messages are forgotten from the oldest on.
   */
  async page(
    subject: string,
    start: number,
    limit: number,
  ): Promise<{ messages: readonly StoredMessage[]; more: boolean; whole: boolean }> {
    return this.#call(`read ${this.name}`, 'read', async () => {
      const { messages, pending } = await this.#next(subject, start, limit);
      const first = start > 0 ? start : messages[0]?.seq;
      const whole = first === undefined || (await this.keeps(subject, first));
      return { messages, more: pending > 0, whole };
    });
  }

  /** Whether the subject has a message of this sequence. */
  async keeps(subject: string, seq: number): Promise<boolean> {
    return (await this.at(seq))?.subject === subject;
  }

  /** Forgets the messages of a subject before a sequence. */
  async purge(subject: string, before: number): Promise<void> {
    await this.#call(`trim ${this.name}`, 'write', () =>
      this.#manager.streams.purge(this.name, { filter: subject, seq: before }),
    );
  }

  /** Sends what was accepted. May be called twice. */
  async close(): Promise<void> {
    if (this.#connection.isClosed()) return;
    if (this.#up) await this.#connection.drain().catch(() => {});
    else await this.#connection.close();
  }

  /** By the reader of the page before, when there is one and it answers. */
  async #next(subject: string, start: number, limit: number): Promise<PulledPage> {
    const idle = this.#readers.take(subject, start);
    const page = idle === undefined ? undefined : await this.#pull(subject, idle, limit);
    if (page && page.messages.length > 0) return page;
    const { name, num_pending: pending } = await this.#manager.consumers.add(this.name, {
      ack_policy: 'none',
      deliver_policy: 'by_start_sequence',
      opt_start_seq: start + 1,
      // One subject as a string: the list of them needs server 2.10.
      filter_subject: subject,
      mem_storage: true,
      inactive_threshold: READER_IDLE_NS,
    });
    if (pending === 0) {
      this.#forget(name);
      return { messages: [], pending };
    }
    const first = await this.#pull(subject, name, Math.min(limit, pending));
    // An empty page of what was announced would look like the end of the stream.
    if (!first || first.messages.length === 0) throw new Error('timeout');
    return first;
  }

  async #pull(subject: string, reader: string, batch: number): Promise<PulledPage | undefined> {
    const page = await pullPage(this.#connection, { stream: this.name, reader, batch, timeoutMs: this.timeoutMs });
    const last = page?.messages.at(-1);
    if (page && last && page.pending > 0) this.#readers.leave(subject, last.seq, reader);
    else this.#forget(reader);
    return page;
  }

  /** Nobody waits for it, and the server forgets it anyway. */
  #forget(reader: string): void {
    void this.#manager.consumers.delete(this.name, reader).catch(() => {});
  }

  #get(query: { seq: number } | { last_by_subj: string }): Promise<Raw | undefined> {
    return this.#call(`read ${this.name}`, 'read', async () => {
      const message = await this.#manager.streams.getMessage(this.name, query);
      return message ? { seq: message.seq, subject: message.subject, payload: message.string() } : undefined;
    });
  }

  async #call<T>(doing: string, effect: 'read' | 'write', work: () => Promise<T>): Promise<T> {
    // While there is no connection the client would keep a message and send it later, long after its time-out.
    if (!this.#up || this.#connection.isClosed()) {
      const why = this.#connection.isClosed() ? 'the store is closed' : 'the connection is lost';
      throw new StoreError('unavailable', `NATS could not ${doing}: ${why}.`);
    }
    try {
      return await work();
    } catch (error) {
      throw toNatsError(error, doing, effect === 'write');
    }
  }
}
