import type { ConsumerInfo, JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { StoreError } from '../../store-error.ts';
import { watchConnection } from './connect-nats.ts';
import { fromPayload, type StoredMessage } from './event-message.ts';
import { isWrongLastSequence, toNatsError } from './nats-error.ts';

/** Messages that are asked for at once: as many as the client may have to hold in memory. */
const FETCH = 32;
/** As long as no message of the page was larger than this many bytes, more are asked for. */
const SMALL_BYTES = 8192;
const FETCH_SMALL = 512;
/** Bytes of JSON in one page. */
const PAGE_BYTES = 16 * 1024 * 1024;
/** After which the server forgets the reader of a host that died, in nanoseconds. */
const READER_IDLE_NS = 30_000_000_000;

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
  #up = true;

  constructor(connection: NatsConnection, manager: JetStreamManager, client: JetStreamClient, name: string) {
    this.#connection = connection;
    this.#manager = manager;
    this.#client = client;
    this.name = name;
    void watchConnection(connection, (up) => {
      this.#up = up;
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

  /** Messages of a subject from a sequence on; `more` when some were there that did not fit. */
  async page(subject: string, from: number, limit: number): Promise<{ messages: StoredMessage[]; more: boolean }> {
    return this.#call(`read ${this.name}`, 'read', async () => {
      const reader = await this.#manager.consumers.add(this.name, {
        ack_policy: 'none',
        deliver_policy: 'by_start_sequence',
        opt_start_seq: from,
        // One subject as a string: the list of them needs server 2.10.
        filter_subject: subject,
        mem_storage: true,
        inactive_threshold: READER_IDLE_NS,
      });
      const { num_pending: pending } = reader;
      const messages: StoredMessage[] = [];
      try {
        if (pending > 0) await this.#fill(messages, reader, Math.min(limit, pending));
      } finally {
        // Nobody waits for it, and the server forgets it anyway.
        void this.#manager.consumers.delete(this.name, reader.name).catch(() => {});
      }
      return { messages, more: messages.length < pending };
    });
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

  async #fill(messages: StoredMessage[], reader: ConsumerInfo, wanted: number): Promise<void> {
    const consumer = this.#client.consumers.getConsumerFromInfo(reader);
    let seen = 0;
    for (let bytes = 0; messages.length < wanted && bytes < PAGE_BYTES;) {
      const before = messages.length;
      // Nothing is known of the first ones.
      const fetch = before === 0 || seen > SMALL_BYTES ? FETCH : FETCH_SMALL;
      const batch = await consumer.fetch({ max_messages: Math.min(fetch, wanted - before), expires: 1000 });
      for await (const message of batch) {
        bytes += message.data.length;
        seen = Math.max(seen, message.data.length);
        if (bytes <= PAGE_BYTES || messages.length === 0) messages.push(fromPayload(message.seq, message.string()));
      }
      // Fewer than announced: somebody forgot them meanwhile. The next page tells.
      if (messages.length === before) return;
    }
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
