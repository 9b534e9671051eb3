import { randomUUID } from 'node:crypto';
import type { AppendEntry, Appended, StreamRef } from '../../event-spine.ts';
import { neverSent } from '../../never-sent.ts';
import { StoreError } from '../../store-error.ts';
import { streamCursors } from '../stream-cursor.ts';
import { EventIds } from './event-ids.ts';
import { eventSubject, fromPayload, toPayload, type EventMeta } from './event-message.ts';
import type { NatsLog } from './nats-log.ts';

interface Head {
  readonly seq: number;
  readonly id: string;
  readonly at: string;
  /** Its id still has to be noted before anybody writes behind it. */
  readonly unnoted: boolean;
}

/** Streams whose newest event is remembered between two appends. */
const MAX_REMEMBERED = 1000;
/** Milliseconds for which an append keeps trying while other hosts write to the same stream. */
const PATIENCE_MS = 5000;

/** Appends at the end of streams, one after the other in each: every append names the event that it follows. */
export class StreamWriter {
  readonly ids: EventIds;
  readonly #log: NatsLog;
  readonly #now: () => number;
  /** What was newest when this host wrote last. May be out of date: then the append is refused and looked up again. */
  readonly #heads = new Map<string, Head>();
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(log: NatsLog, now: () => number) {
    this.#log = log;
    this.#now = now;
    this.ids = new EventIds(log);
  }

  /**
   * In turn per stream: concurrent appends of one host would only refuse each other. One that has waited for as long as
   * a call may take is refused: sent one after the other to a silent server, the last of N would wait for N time-outs.
   */
  append(entry: AppendEntry, json: string): Promise<Appended> {
    const subject = eventSubject(this.#log.name, entry.at);
    const sendBy = performance.now() + this.#log.timeoutMs;
    const turn = (this.#turns.get(subject) ?? Promise.resolve()).then(() => {
      if (performance.now() > sendBy) throw neverSent(`append to stream ${entry.at.stream}`);
      return this.#append(subject, entry, json);
    });
    const settled = turn.catch(() => {});
    this.#turns.set(subject, settled);
    void settled.then(() => {
      if (this.#turns.get(subject) === settled) this.#turns.delete(subject);
    });
    return turn;
  }

  async #append(subject: string, { at, event, expect, time }: AppendEntry, json: string): Promise<Appended> {
    const { toCursor } = streamCursors(at);
    const giveUp = performance.now() + PATIENCE_MS;
    for (let tries = 0; performance.now() < giveUp; tries++) {
      if (tries > 1) await new Promise((wake) => setTimeout(wake, Math.random() * Math.min(2 ** tries, 50)));
      const remembered = this.#heads.get(subject);
      const head = remembered ?? (await this.#look(subject));
      const known = event.eventId === undefined ? undefined : await this.#find(at, event.eventId, head);
      if (known !== undefined) return { cursor: toCursor(known), seq: known, duplicate: true };
      if (expect !== undefined && expect !== (head ? toCursor(head.seq) : null)) {
        this.#heads.delete(subject);
        if (remembered) continue;
        throw new StoreError(
          'conflict',
          `Stream ${at.stream} has another head than expected: read it again and decide.`,
        );
      }
      if (head?.unnoted) await this.ids.note(at, head.id, head.seq);
      const clock = time ?? new Date(this.#now()).toISOString();
      const meta: EventMeta = {
        id: event.eventId ?? randomUUID(),
        given: event.eventId !== undefined,
        type: event.type,
        at: head && head.at > clock ? head.at : clock,
      };
      const seq = await this.#publish(subject, toPayload(meta, json), head?.seq ?? 0);
      if (seq === undefined) continue;
      this.#remember(subject, { seq, id: meta.id, at: meta.at, unnoted: meta.given });
      return { cursor: toCursor(seq), seq, duplicate: false };
    }
    throw new StoreError(
      'unavailable',
      `Stream ${at.stream} is written to faster than NATS lets this host in: repeat it.`,
    );
  }

  async #find(at: StreamRef, eventId: string, head: Head | undefined): Promise<number | undefined> {
    if (!head) return undefined;
    return head.id === eventId ? head.seq : this.ids.find(at, eventId);
  }

  async #look(subject: string): Promise<Head | undefined> {
    const found = await this.#log.newest(subject);
    if (!found) return undefined;
    const { seq, meta } = fromPayload(found.seq, found.payload);
    return { seq, id: meta.id, at: meta.at, unnoted: meta.given };
  }

  async #publish(subject: string, payload: string, last: number): Promise<number | undefined> {
    // Forgotten first: whatever goes wrong, the next append looks.
    this.#heads.delete(subject);
    return this.#log.publish(subject, payload, last);
  }

  #remember(subject: string, head: Head): void {
    this.#heads.set(subject, head);
    if (this.#heads.size <= MAX_REMEMBERED) return;
    for (const oldest of this.#heads.keys()) {
      this.#heads.delete(oldest);
      return;
    }
  }
}
