import type { EngineLimits, SpineCaps } from '../../engine-caps.ts';
import type {
  AppendEntry,
  AppendOptions,
  Appended,
  EventSpine,
  NewEvent,
  StoredEvent,
  StreamRef,
} from '../../event-spine.ts';
import { DEFAULT_PAGE } from '../../page-limit.ts';
import { cursorForgotten, streamCursors } from '../stream-cursor.ts';
import { eventSubject, fromPayload, toJson, toStored } from './event-message.ts';
import type { NatsLog } from './nats-log.ts';
import { StreamWriter } from './stream-writer.ts';

/** Events that one step of a trim forgets. */
const TRIM_CHUNK = 500;

/**
 * Event streams in one JetStream stream, a subject each. Numbers are those of the JetStream stream: they increase and
 * have gaps. An append is one message that names the event it follows; several are written one after the other. An
 * id that the engine made up (the caller gave none) is not recognised when somebody repeats it.
 */
export class NatsEventSpine implements EventSpine {
  readonly caps: SpineCaps;
  readonly limits: EngineLimits;
  readonly #log: NatsLog;
  readonly #writer: StreamWriter;

  constructor(log: NatsLog, caps: SpineCaps, limits: EngineLimits, now: () => number) {
    this.#log = log;
    this.#writer = new StreamWriter(log, now);
    this.caps = caps;
    this.limits = limits;
  }

  async append(at: StreamRef, event: NewEvent, options?: AppendOptions): Promise<Appended> {
    return this.#writer.append({ ...options, at, event }, toJson(at, event, this.limits.maxValueBytes));
  }

  async appendAll(entries: readonly AppendEntry[]): Promise<readonly Appended[]> {
    const prepared = entries.map((entry) => ({
      entry,
      json: toJson(entry.at, entry.event, this.limits.maxValueBytes),
    }));
    const answers: Appended[] = [];
    /** The newest event of each stream that the call holds, from the first entry that expected one. */
    const held = new Map<string, string>();
    for (const { entry, json } of prepared) {
      const subject = eventSubject(this.#log.name, entry.at);
      const expect = entry.expect === undefined ? held.get(subject) : entry.expect;
      const answer = await this.#writer.append({ ...entry, ...(expect !== undefined && { expect }) }, json);
      if (expect !== undefined && !answer.duplicate) held.set(subject, answer.cursor);
      answers.push(answer);
    }
    return answers;
  }

  async read(
    at: StreamRef,
    query: { after?: string; limit?: number } = {},
  ): Promise<{ events: readonly StoredEvent[]; more: boolean }> {
    const { after, limit = DEFAULT_PAGE } = query;
    const cursors = streamCursors(at);
    const start = after === undefined ? 0 : cursors.toSeq(after);
    const subject = eventSubject(this.#log.name, at);
    for (;;) {
      const { messages, more, whole } = await this.#log.page(subject, start, limit);
      if (whole) return { events: messages.map((message) => toStored(at, message, cursors)), more };
      if (start > 0) throw cursorForgotten(at);
    }
  }

  async head(at: StreamRef): Promise<StoredEvent | undefined> {
    const newest = await this.#log.newest(eventSubject(this.#log.name, at));
    return newest && toStored(at, fromPayload(newest.seq, newest.payload), streamCursors(at));
  }

  async trim(at: StreamRef, { before }: { before: string }): Promise<void> {
    const subject = eventSubject(this.#log.name, at);
    const seq = streamCursors(at).toSeq(before);
    if (!(await this.#log.keeps(subject, seq))) throw cursorForgotten(at);
    for (;;) {
      const { messages } = await this.#log.page(subject, 0, TRIM_CHUNK);
      const forget = messages.filter((message) => message.seq < seq);
      if (forget.length === 0) return;
      await this.#log.purge(subject, forget.at(-1)!.seq + 1);
      // After their events: a note without its event is ignored, an event without its note would be written twice.
      for (const { meta, seq: position } of forget) {
        if (meta.given) await this.#writer.ids.forget(at, meta.id, position);
      }
    }
  }
}
