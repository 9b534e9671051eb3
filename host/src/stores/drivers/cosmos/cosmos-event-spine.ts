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
import { MAX_EVENTS, planCommits, prepared, type Prepared } from '../commit-plan.ts';
import { KeyedQueue } from '../keyed-queue.ts';
import { pageOfCommits } from '../page-of-commits.ts';
import { SharedAppends } from '../shared-appends.ts';
import { eventsOf } from '../stored-commit.ts';
import { cursorForgotten, streamCursors } from '../stream-cursor.ts';
import { COSMOS_JSON, COSMOS_LIMITS } from './cosmos-caps.ts';
import { CosmosStream } from './cosmos-stream.ts';
import type { CosmosEngine } from './open-cosmos.ts';

/** Appends of several callers in one batch, which holds 2 MiB: their JSON, quoted once more, may be twice as long. */
const SHARED = { maxEntries: MAX_EVENTS, maxBytes: COSMOS_LIMITS.maxValueBytes / 2 };

/**
 * Event streams as items, one partition for a stream and one item for the events that are written together. The id of
 * an item is the number of its first event: an append creates the one after the head, and of two that read the same
 * head one finds it taken. Calls to one stream from one process wait for each other, and those that expect no head
 * share an item.
 */
export class CosmosEventSpine implements EventSpine {
  readonly caps: SpineCaps;
  readonly limits = COSMOS_LIMITS;
  readonly #engine: CosmosEngine;
  readonly #queue = new KeyedQueue();
  readonly #shared = new SharedAppends<Prepared>((entries) => this.#append(entries), SHARED);

  constructor(engine: CosmosEngine) {
    this.#engine = engine;
    this.caps = { ...engine.caps, atomicAppend: false, pushTail: false };
  }

  async append(at: StreamRef, event: NewEvent, { expect, time }: AppendOptions = {}): Promise<Appended> {
    const entry = prepared({ at, event, expect, time }, COSMOS_JSON);
    if (expect !== undefined) return (await this.#append([entry]))[0]!;
    return this.#shared.add(entry.stream, entry, Buffer.byteLength(entry.json));
  }

  /** One after another: transactions of Cosmos DB end at the partition, and every stream is one. */
  async appendAll(entries: readonly AppendEntry[]): Promise<readonly Appended[]> {
    const all = entries.map((entry) => prepared(entry, COSMOS_JSON));
    const answers: Appended[] = [];
    /** The heads that this call has left behind on the streams that one of its entries expected something of. */
    const held = new Map<string, string>();
    for (const entry of all) {
      const expect = entry.expect === undefined ? held.get(entry.stream) : entry.expect;
      const [answer] = await this.#append([{ ...entry, expect }]);
      if (expect !== undefined && !answer!.duplicate) held.set(entry.stream, answer!.cursor);
      answers.push(answer!);
    }
    return answers;
  }

  async read(
    at: StreamRef,
    query: { after?: string; limit?: number } = {},
  ): Promise<{ events: readonly StoredEvent[]; more: boolean }> {
    const { after, limit = DEFAULT_PAGE } = query;
    const start = after === undefined ? 0 : streamCursors(at).toSeq(after);
    const stream = new CosmosStream(this.#engine, at);
    return this.#engine.calls.run({ doing: `read stream ${at.stream}` }, (signal) =>
      pageOfCommits(stream.commits(signal), at, { start, limit }),
    );
  }

  async head(at: StreamRef): Promise<StoredEvent | undefined> {
    const stream = new CosmosStream(this.#engine, at);
    const step = { doing: `read stream ${at.stream}` };
    const commit = await this.#engine.calls.run(step, (signal) => stream.newest(signal));
    return commit && eventsOf(commit, streamCursors(at).toCursor).at(-1);
  }

  /** Deletes the commits before the cursor's, the oldest first, then shortens the cursor's own. */
  async trim(at: StreamRef, { before }: { before: string }): Promise<void> {
    const seq = streamCursors(at).toSeq(before);
    const stream = new CosmosStream(this.#engine, at);
    const step = { doing: `trim stream ${at.stream}`, writes: true };
    for (let done = false; !done;) {
      if (!(await this.#engine.calls.run(step, (signal) => stream.keeps(seq, signal)))) throw cursorForgotten(at);
      for (let left = true; left;) {
        left = await this.#engine.calls.run(step, (signal) => stream.deleteBefore(seq, signal));
      }
      done = await this.#engine.calls.run(step, (signal) => stream.shorten(seq, signal));
    }
  }

  /** Entries of one stream, in one batch. */
  #append(entries: readonly Prepared[]): Promise<readonly Appended[]> {
    const deadline = performance.now() + this.#engine.calls.timeoutMs;
    return this.#queue.run([entries[0]!.stream], () => this.#appendUntil(deadline, entries));
  }

  async #appendUntil(deadline: number, entries: readonly Prepared[]): Promise<readonly Appended[]> {
    const stream = new CosmosStream(this.#engine, entries[0]!.at);
    const name = stream.at.stream;
    const write = randomUUID();
    for (let attempt = 1; ; attempt++) {
      const timeoutMs = deadline - performance.now();
      if (timeoutMs <= 0) {
        const message = `Cosmos DB could not append to ${name} within ${this.#engine.calls.timeoutMs} ms: too many others write there.`;
        throw new StoreError('unavailable', message);
      }
      const step = { doing: `append to ${name}`, writes: true, timeoutMs };
      const appended = await this.#engine.calls.run(step, (signal) =>
        this.#attempt({ stream, entries, write, again: attempt > 1 }, signal),
      );
      if (appended) return appended;
      await new Promise((wake) => setTimeout(wake, Math.random() * Math.min(5 * attempt, 100)));
    }
  }

  /** Undefined when another writer was quicker. */
  async #attempt(
    { stream, entries, write, again }: Attempt,
    signal: AbortSignal,
  ): Promise<readonly Appended[] | undefined> {
    const head = await stream.head(signal);
    // After a lost race every id is looked for again: the winner may be this very call, repeated by the client.
    const asked = again ? entries : entries.filter(({ given }) => given);
    const hashes = asked.map(({ idHash }) => idHash);
    const found = {
      heads: new Map([[entries[0]!.stream, head]]),
      known: await stream.known(hashes, write, signal),
    };
    const clock = new Date(this.#engine.now()).toISOString();
    const { answers, commits } = planCommits(entries, found, clock, COSMOS_LIMITS.maxValueBytes);
    return commits.length === 0 || (await stream.create(head, commits, write, signal)) ? answers : undefined;
  }
}

interface Attempt {
  readonly stream: CosmosStream;
  readonly entries: readonly Prepared[];
  readonly write: string;
  readonly again: boolean;
}
