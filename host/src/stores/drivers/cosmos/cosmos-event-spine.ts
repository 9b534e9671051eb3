import { randomUUID } from 'node:crypto';
import type {
  AppendEntry,
  AppendOptions,
  Appended,
  EventSpine,
  NewEvent,
  StoredEvent,
  StreamRef,
} from '../../event-spine.ts';
import type { SpineCaps } from '../../engine-caps.ts';
import { DEFAULT_PAGE } from '../../page-limit.ts';
import { StoreError } from '../../store-error.ts';
import { KeyedQueue } from '../keyed-queue.ts';
import { takePageFrom } from '../take-page-from.ts';
import { streamCursors } from '../stream-cursor.ts';
import { COSMOS_LIMITS } from './cosmos-caps.ts';
import { CosmosStream } from './cosmos-stream.ts';
import type { CosmosEngine } from './open-cosmos.ts';
import { preparedEvent, toStored, type EventItem, type PreparedEvent } from './event-item.ts';

/** Entries that a trim forgets in one batch; an engine takes 100. */
const TRIM_CHUNK = 100;

/**
 * Event streams as items, one partition for a stream. The id of an item is the event's number: an append creates the
 * one after the head, and of two that read the same head one finds it taken. Calls to one stream from one process wait
 * for each other.
 */
export class CosmosEventSpine implements EventSpine {
  readonly caps: SpineCaps;
  readonly limits = COSMOS_LIMITS;
  readonly #engine: CosmosEngine;
  readonly #queue = new KeyedQueue();

  constructor(engine: CosmosEngine) {
    this.#engine = engine;
    this.caps = { ...engine.caps, atomicAppend: false, pushTail: false };
  }

  async append(at: StreamRef, event: NewEvent, options?: AppendOptions): Promise<Appended> {
    return this.#append(at, preparedEvent(at, event), options);
  }

  /** One after another: transactions of Cosmos DB end at the partition, and every stream is one. */
  async appendAll(entries: readonly AppendEntry[]): Promise<readonly Appended[]> {
    const all = entries.map((entry) => ({ ...entry, event: preparedEvent(entry.at, entry.event) }));
    const answers: Appended[] = [];
    /** The heads that this call has left behind on the streams that one of its entries expected something of. */
    const held = new Map<string, string>();
    for (const { at, event, ...options } of all) {
      const { pk } = new CosmosStream(this.#engine, at);
      const follows = held.get(pk);
      if (options.expect === undefined && follows !== undefined) options.expect = follows;
      const answer = await this.#append(at, event, options);
      if (options.expect !== undefined && !answer.duplicate) held.set(pk, answer.cursor);
      answers.push(answer);
    }
    return answers;
  }

  async read(
    at: StreamRef,
    query: { after?: string; limit?: number } = {},
  ): Promise<{ events: readonly StoredEvent[]; more: boolean }> {
    const { after, limit = DEFAULT_PAGE } = query;
    const { toCursor, toSeq } = streamCursors(at);
    const start = after === undefined ? 0 : toSeq(after);
    const stream = new CosmosStream(this.#engine, at);
    const { rows, more, kept } = await this.#engine.calls.run({ doing: `read stream ${at.stream}` }, async (signal) => {
      let kept = start === 0;
      const items = async function* (): AsyncGenerator<EventItem> {
        for await (const item of stream.from(start, limit + 2, signal)) {
          if (item.seq === start) kept = true;
          else if (kept) yield item;
          else return;
        }
      };
      const page = await takePageFrom(items(), limit, ({ json }) => json.length);
      return { ...page, kept };
    });
    if (!kept) throw forgotten(at);
    return { events: rows.map((item) => toStored(item, toCursor(item.seq))), more };
  }

  async head(at: StreamRef): Promise<StoredEvent | undefined> {
    const stream = new CosmosStream(this.#engine, at);
    const step = { doing: `read stream ${at.stream}` };
    const item = await this.#engine.calls.run(step, (signal) => stream.newest(signal));
    return item && toStored(item, streamCursors(at).toCursor(item.seq));
  }

  /** Deletes the oldest first. The first item of a stream stays, empty: see `CosmosStream.create`. */
  async trim(at: StreamRef, { before }: { before: string }): Promise<void> {
    const seq = streamCursors(at).toSeq(before);
    const stream = new CosmosStream(this.#engine, at);
    const step = { doing: `trim stream ${at.stream}`, writes: true };
    if (!(await this.#engine.calls.run(step, (signal) => stream.keeps(seq, signal)))) throw forgotten(at);
    for (let left = true; left;) {
      left = await this.#engine.calls.run(step, (signal) => stream.forget(seq, TRIM_CHUNK, signal));
    }
  }

  #append(at: StreamRef, event: PreparedEvent, options?: AppendOptions): Promise<Appended> {
    const stream = new CosmosStream(this.#engine, at);
    const deadline = performance.now() + this.#engine.calls.timeoutMs;
    const { expect, time } = options ?? {};
    return this.#queue.run([stream.pk], () => this.#appendUntil(deadline, stream, event, { expect, time }));
  }

  async #appendUntil(
    deadline: number,
    stream: CosmosStream,
    event: PreparedEvent,
    options: AppendOptions,
  ): Promise<Appended> {
    const write = randomUUID();
    for (let attempt = 1; ; attempt++) {
      const timeoutMs = deadline - performance.now();
      if (timeoutMs <= 0) {
        const message = `Cosmos DB could not append to ${stream.at.stream} within ${this.#engine.calls.timeoutMs} ms: too many others write there.`;
        throw new StoreError('unavailable', message);
      }
      const step = { doing: `append to ${stream.at.stream}`, writes: true, timeoutMs };
      // After a lost race the id is looked for again: the winner may be this very call, repeated by the client.
      const looks = event.given || attempt > 1;
      const appended = await this.#engine.calls.run(step, (signal) =>
        this.#attempt({ stream, event, write, looks, options }, signal),
      );
      if (appended) return appended;
      await new Promise((wake) => setTimeout(wake, Math.random() * Math.min(5 * attempt, 100)));
    }
  }

  /** Undefined when another writer was quicker. */
  async #attempt(
    { stream, event, write, looks, options }: Attempt,
    signal: AbortSignal,
  ): Promise<Appended | undefined> {
    const { toCursor } = streamCursors(stream.at);
    const head = await stream.newest(signal);
    const known = looks ? await stream.withId(event.idHash, signal) : undefined;
    if (known) return { cursor: toCursor(known.seq), seq: known.seq, duplicate: known.write !== write };
    const { expect, time = new Date(this.#engine.now()).toISOString() } = options;
    if (expect !== undefined && expect !== (head ? toCursor(head.seq) : null)) {
      const message = `Stream ${stream.at.stream} has another head than expected: read it again and decide.`;
      throw new StoreError('conflict', message);
    }
    const seq = (head?.seq ?? 0) + 1;
    // A clock that was set back must not make a later event look older: readers filter and merge by time.
    const stamp = head && head.time > time ? head.time : time;
    const created = await stream.create({ seq, time: stamp, event, write }, signal);
    return created ? { cursor: toCursor(seq), seq, duplicate: false } : undefined;
  }
}

interface Attempt {
  readonly stream: CosmosStream;
  readonly event: PreparedEvent;
  readonly write: string;
  readonly looks: boolean;
  readonly options: AppendOptions;
}

/** Beyond the end is as unknown as forgotten: a backup was restored, say. A reader that waits there misses events. */
function forgotten({ stream }: StreamRef): StoreError {
  return new StoreError(
    'cursor_invalid',
    `The cursor is at no event that stream ${stream} keeps: read from the start.`,
  );
}
