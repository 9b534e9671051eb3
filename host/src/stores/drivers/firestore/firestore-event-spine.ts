import type { Transaction } from '@google-cloud/firestore';
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
import { StoreError } from '../../store-error.ts';
import { streamCursors } from '../stream-cursor.ts';
import { CommitCollection, toCommit, type CommitDocument } from './commit-collection.ts';
import { MAX_EVENTS, planCommits, prepared, type Head, type NewCommit, type Prepared } from '../commit-plan.ts';
import { FIRESTORE_CAPS, FIRESTORE_JSON, FIRESTORE_LIMITS, MAX_COMMIT_BYTES } from './firestore-caps.ts';
import { isRefusedCondition, isRefusedForNow } from './firestore-error.ts';
import { KeyedQueue } from '../keyed-queue.ts';
import type { FirestoreEngine } from './open-firestore.ts';
import { padded, streamId, streamSortKey } from '../document-ids.ts';
import { pageOfCommits } from '../page-of-commits.ts';
import { eventsOf, forgetBefore, knownIn, type Known } from '../stored-commit.ts';
import { SharedAppends } from '../shared-appends.ts';

/** Values of one `array-contains-any`. */
const IDS_PER_QUERY = 30;
/** Appends of several callers in one commit: one document, and no more ids than a few queries look for. */
const SHARED = { maxEntries: MAX_EVENTS, maxBytes: FIRESTORE_LIMITS.maxValueBytes / 2 };
/** Documents that one commit deletes. */
const TRIM_CHUNK = 300;

/**
 * Event streams as documents `<root>/<tenant>/commits/<stream>-<first number>`, one for all events that a call appends
 * to a stream. There is no document for the head, which every append would have to write: Firestore takes about one
 * write a second to a document for long.
 *
 * A transaction reads the newest commit and creates the next: the numbers are in the order of the commits, and a
 * reader that sees one sees all before it. Calls to one stream from one process wait for each other,
 * and those that expect no head share a commit.
 */
export class FirestoreEventSpine implements EventSpine {
  readonly caps = { ...FIRESTORE_CAPS, atomicAppend: true, pushTail: false } as const;
  readonly limits = FIRESTORE_LIMITS;
  readonly #engine: FirestoreEngine;
  readonly #commits: CommitCollection;
  readonly #queue = new KeyedQueue();
  readonly #shared = new SharedAppends<Prepared>((entries) => this.#appendPrepared(entries), SHARED);

  constructor(engine: FirestoreEngine) {
    this.#engine = engine;
    this.#commits = new CommitCollection(engine);
  }

  async append(at: StreamRef, event: NewEvent, { expect, time }: AppendOptions = {}): Promise<Appended> {
    const entry = prepared({ at, event, expect, time }, FIRESTORE_JSON);
    if (expect === undefined) return this.#shared.add(entry.stream, entry, Buffer.byteLength(entry.json));
    return (await this.#appendPrepared([entry]))[0]!;
  }

  /** One transaction. At most 8,000,000 bytes of JSON in a call; more is `too_large`. */
  async appendAll(entries: readonly AppendEntry[]): Promise<readonly Appended[]> {
    return entries.length === 0 ? [] : this.#appendPrepared(preparedTogether(entries));
  }

  async read(
    at: StreamRef,
    query: { after?: string; limit?: number } = {},
  ): Promise<{ events: readonly StoredEvent[]; more: boolean }> {
    const { after, limit = DEFAULT_PAGE } = query;
    const start = after === undefined ? 0 : streamCursors(at).toSeq(after);
    return this.#engine.calls.run({ doing: `read stream ${at.stream}` }, () =>
      pageOfCommits(this.#commits.pages(at), at, { start, limit }),
    );
  }

  async head(at: StreamRef): Promise<StoredEvent | undefined> {
    const found = await this.#engine.calls.run({ doing: `read stream ${at.stream}` }, () =>
      this.#commits.newest(at).get(),
    );
    return found.docs[0] && eventsOf(toCommit(found.docs[0]), streamCursors(at).toCursor).at(-1);
  }

  /** Deletes the commits before the cursor's, the oldest first, then shortens the cursor's own. */
  async trim(at: StreamRef, { before }: { before: string }): Promise<void> {
    const seq = streamCursors(at).toSeq(before);
    await this.#commits.holding(at, seq);
    const old = this.#commits.before(at, seq).select('first').limit(TRIM_CHUNK);
    const step = { doing: `trim stream ${at.stream}`, writes: true };
    for (;;) {
      const { docs } = await this.#engine.calls.run(step, () => old.get());
      if (docs.length === 0) break;
      const batch = this.#engine.db.batch();
      for (const { ref } of docs) batch.delete(ref);
      await this.#engine.calls.run(step, () => batch.commit());
    }
    const holding = await this.#commits.holding(at, seq);
    const commit = toCommit(holding);
    if (commit.first === seq) return;
    const unchanged = { lastUpdateTime: holding.updateTime! };
    await this.#engine.calls
      .run(step, () => holding.ref.update({ ...forgetBefore(commit, seq) }, unchanged))
      .catch((error: unknown) => {
        // Someone else trims the stream to another place: both results forget what was asked for, or one repeats.
        if (!(error instanceof StoreError && isRefusedCondition(error.cause))) throw error;
        return this.trim(at, { before });
      });
  }

  #appendPrepared(all: readonly Prepared[]): Promise<readonly Appended[]> {
    const streams = [...new Set(all.map(({ stream }) => stream))];
    const deadline = performance.now() + this.#engine.calls.timeoutMs;
    return this.#queue.run(streams, () => this.#appendUntil(deadline, all));
  }

  async #appendUntil(deadline: number, entries: readonly Prepared[]): Promise<readonly Appended[]> {
    const streams = [...new Set(entries.map(({ at }) => at.stream))].join(', ');
    for (let attempt = 1; ; attempt++) {
      const left = deadline - performance.now();
      if (left <= 0) {
        const message = `Firestore could not append to ${streams} within ${this.#engine.calls.timeoutMs} ms: too many others write there.`;
        throw new StoreError('unavailable', message);
      }
      try {
        const step = { doing: `append to ${streams}`, timeoutMs: left, writes: true };
        return await this.#engine.calls.run(step, () => this.#attempt(entries));
      } catch (error) {
        // Another writer was quicker: the head is read again, and the event ids too.
        const { cause } = error as StoreError;
        if (!isRefusedForNow(cause) && !isRefusedCondition(cause)) throw error;
      }
      await new Promise((wake) => setTimeout(wake, Math.random() * Math.min(10 * attempt, 200)));
    }
  }

  #attempt(entries: readonly Prepared[]): Promise<readonly Appended[]> {
    const { db, now } = this.#engine;
    const body = async (transaction: Transaction): Promise<readonly Appended[]> => {
      const refs = new Map(entries.map(({ stream, at }) => [stream, at]));
      const heads = new Map<string, Head | undefined>();
      for (const [stream, at] of refs) {
        const found = await transaction.get(this.#commits.newest(at).select('last', 'lastAt'));
        heads.set(stream, found.docs[0]?.data() as Head | undefined);
      }
      const known = await this.#known(
        transaction,
        entries.filter(({ given }) => given),
      );
      const { answers, commits } = planCommits(
        entries,
        { heads, known },
        new Date(now()).toISOString(),
        FIRESTORE_LIMITS.maxValueBytes,
      );
      for (const commit of commits) this.#create(transaction, commit);
      return answers;
    };
    return db.runTransaction(body, { maxAttempts: 1 });
  }

  async #known(transaction: Transaction, entries: readonly Prepared[]): Promise<Map<string, Known>> {
    const known = new Map<string, Known>();
    for (const { tenantId } of new Map(entries.map(({ at }) => [at.tenantId, at])).values()) {
      const hashes = entries.filter(({ at }) => at.tenantId === tenantId).map(({ idHash }) => idHash);
      for (let i = 0; i < hashes.length; i += IDS_PER_QUERY) {
        const some = hashes.slice(i, i + IDS_PER_QUERY);
        const query = this.#commits.of(tenantId).where('ids', 'array-contains-any', some).select('first', 'ids');
        const { docs } = await transaction.get(query);
        for (const [id, there] of knownIn(docs.map(toCommit))) known.set(id, there);
      }
    }
    return known;
  }

  #create(transaction: Transaction, { at, ...commit }: NewCommit): void {
    const { tenantId, stream } = at;
    const sort = streamSortKey(at) + padded(commit.last);
    const fields: CommitDocument = { tenantId, stream, sort, ...commit };
    transaction.create(this.#commits.of(tenantId).doc(`${streamId(at)}-${padded(commit.first)}`), fields);
  }
}

function preparedTogether(entries: readonly AppendEntry[]): Prepared[] {
  const all = entries.map((entry) => prepared(entry, FIRESTORE_JSON));
  const bytes = all.reduce((sum, { json }) => sum + Buffer.byteLength(json), 0);
  if (bytes <= MAX_COMMIT_BYTES) return all;
  const message = `The events of one call have ${bytes} bytes as JSON: at most ${MAX_COMMIT_BYTES} are one commit.`;
  throw new StoreError('too_large', message);
}
