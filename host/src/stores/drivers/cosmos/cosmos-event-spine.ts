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
import { SharedAppends } from '../shared-appends.ts';
import { takePageFrom } from '../take-page-from.ts';
import { streamCursors } from '../stream-cursor.ts';
import { COSMOS_LIMITS } from './cosmos-caps.ts';
import { CosmosStream, type NewItem } from './cosmos-stream.ts';
import type { CosmosEngine } from './open-cosmos.ts';
import { preparedEvent, toStored, type EventItem, type PreparedEvent } from './event-item.ts';

/** Appends of several callers in one batch, which holds 100 operations and 2 MiB. */
const SHARED = { maxEntries: 90, maxBytes: COSMOS_LIMITS.maxValueBytes / 2 };
/** Entries that a trim forgets in one batch; an engine takes 100. */
const TRIM_CHUNK = 100;

/**
 * Event streams as items, one partition for a stream. The id of an item is the event's number: an append creates the
 * one after the head, and of two that read the same head one finds it taken. Calls to one stream from one process wait
 * for each other, and those that expect no head share a batch.
 */
export class CosmosEventSpine implements EventSpine {
  readonly caps: SpineCaps;
  readonly limits = COSMOS_LIMITS;
  readonly #engine: CosmosEngine;
  readonly #queue = new KeyedQueue();
  readonly #shared = new SharedAppends<Entry>((entries) => this.#append(entries), SHARED);

  constructor(engine: CosmosEngine) {
    this.#engine = engine;
    this.caps = { ...engine.caps, atomicAppend: false, pushTail: false };
  }

  async append(at: StreamRef, event: NewEvent, options: AppendOptions = {}): Promise<Appended> {
    const entry = { at, event: preparedEvent(at, event), time: options.time };
    const { expect } = options;
    if (expect !== undefined) return (await this.#append([entry], expect))[0]!;
    return this.#shared.add(new CosmosStream(this.#engine, at).pk, entry, Buffer.byteLength(entry.event.json));
  }

  /** One after another: transactions of Cosmos DB end at the partition, and every stream is one. */
  async appendAll(entries: readonly AppendEntry[]): Promise<readonly Appended[]> {
    const all = entries.map((entry) => ({ ...entry, event: preparedEvent(entry.at, entry.event) }));
    const answers: Appended[] = [];
    /** The heads that this call has left behind on the streams that one of its entries expected something of. */
    const held = new Map<string, string>();
    for (const entry of all) {
      const { pk } = new CosmosStream(this.#engine, entry.at);
      const expect = entry.expect === undefined ? held.get(pk) : entry.expect;
      const [answer] = await this.#append([entry], expect);
      if (expect !== undefined && !answer!.duplicate) held.set(pk, answer!.cursor);
      answers.push(answer!);
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

  /** Entries of one stream, in one commit. */
  #append(entries: readonly Entry[], expect?: string | null): Promise<readonly Appended[]> {
    const stream = new CosmosStream(this.#engine, entries[0]!.at);
    const deadline = performance.now() + this.#engine.calls.timeoutMs;
    return this.#queue.run([stream.pk], () => this.#appendUntil(deadline, { stream, entries, expect }));
  }

  async #appendUntil(deadline: number, append: Append): Promise<readonly Appended[]> {
    const { stream } = append.stream.at;
    const write = randomUUID();
    for (let attempt = 1; ; attempt++) {
      const timeoutMs = deadline - performance.now();
      if (timeoutMs <= 0) {
        const message = `Cosmos DB could not append to ${stream} within ${this.#engine.calls.timeoutMs} ms: too many others write there.`;
        throw new StoreError('unavailable', message);
      }
      const step = { doing: `append to ${stream}`, writes: true, timeoutMs };
      const appended = await this.#engine.calls.run(step, (signal) =>
        this.#attempt({ ...append, write, again: attempt > 1 }, signal),
      );
      if (appended) return appended;
      await new Promise((wake) => setTimeout(wake, Math.random() * Math.min(5 * attempt, 100)));
    }
  }

  /** Undefined when another writer was quicker. */
  async #attempt(
    { stream, entries, expect, write, again }: Append & { write: string; again: boolean },
    signal: AbortSignal,
  ): Promise<readonly Appended[] | undefined> {
    const { toCursor } = streamCursors(stream.at);
    const head = await stream.newest(signal);
    const known = new Map<string, { seq: number; mine: boolean }>();
    for (const { event } of entries) {
      // After a lost race every id is looked for again: the winner may be this very call, repeated by the client.
      const there = event.given || again ? await stream.withId(event.idHash, signal) : undefined;
      if (there) known.set(event.idHash, { seq: there.seq, mine: there.write === write });
    }
    const now = new Date(this.#engine.now()).toISOString();
    const created: NewItem[] = [];
    let { seq, time: stamp } = head ?? { seq: 0, time: '' };
    const answers = entries.map(({ event, time = now }): Appended => {
      const there = known.get(event.idHash);
      if (there) return { cursor: toCursor(there.seq), seq: there.seq, duplicate: !there.mine };
      if (expect !== undefined && expect !== (seq > 0 ? toCursor(seq) : null)) {
        const message = `Stream ${stream.at.stream} has another head than expected: read it again and decide.`;
        throw new StoreError('conflict', message);
      }
      seq += 1;
      // A clock that was set back must not make a later event look older: readers filter and merge by time.
      if (stamp < time) stamp = time;
      created.push({ seq, time: stamp, event, write });
      known.set(event.idHash, { seq, mine: false });
      return { cursor: toCursor(seq), seq, duplicate: false };
    });
    return created.length === 0 || (await stream.create(created, signal)) ? answers : undefined;
  }
}

interface Entry {
  readonly at: StreamRef;
  readonly event: PreparedEvent;
  readonly time?: string | undefined;
}

interface Append {
  readonly stream: CosmosStream;
  readonly entries: readonly Entry[];
  readonly expect?: string | null | undefined;
}

/** Beyond the end is as unknown as forgotten: a backup was restored, say. A reader that waits there misses events. */
function forgotten({ stream }: StreamRef): StoreError {
  return new StoreError(
    'cursor_invalid',
    `The cursor is at no event that stream ${stream} keeps: read from the start.`,
  );
}
