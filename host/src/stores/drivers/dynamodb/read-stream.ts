import type { StoredEvent, StreamRef } from '../../event-spine.ts';
import { StoreError } from '../../store-error.ts';
import { commitCursors } from './commit-cursor.ts';
import { eventsOf, lastSeq, toStored, type Commit } from './commit-item.ts';
import type { CommitLog } from './commit-log.ts';
import { PAGE_CHARS } from './dynamo-caps.ts';
import { assertKept } from './find-kept.ts';

const MAX_TRIES = 5;

interface Query {
  readonly after: string | undefined;
  readonly limit: number;
}

export interface StreamPage {
  readonly events: readonly StoredEvent[];
  readonly more: boolean;
}

/** One page of a stream, without a hole: where one shows (see `takePage`), it looks again. */
export async function readStream(log: CommitLog, at: StreamRef, { after, limit }: Query): Promise<StreamPage> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const { from, commits } =
      after === undefined ? await fromStart(log, at, limit) : await fromCursor(log, at, { after, limit });
    const page = await takePage(at, commits, from, limit);
    if (page) return page;
  }
  throw new StoreError('unavailable', `Stream ${at.stream} changes too fast to be read: repeat.`);
}

interface Start {
  readonly from: number;
  readonly commits: AsyncIterable<Commit>;
}

async function fromStart(log: CommitLog, at: StreamRef, limit: number): Promise<Start> {
  const { from, commit } = await log.kept(at);
  return { from, commits: log.range(at, { from: commit, to: from + limit }) };
}

async function fromCursor(log: CommitLog, at: StreamRef, { after, limit }: Query & { after: string }): Promise<Start> {
  const place = commitCursors(at).toPlace(after);
  const from = place.seq + 1;
  const commits = log.range(at, { from: place.first, to: from + limit });
  const [kept, { value }] = await Promise.all([log.kept(at), commits.next()]);
  const commit = value as Commit | undefined;
  assertKept(at, place, kept, commit);
  return { from, commits: startingWith(commit!, commits) };
}

async function* startingWith<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield first;
  yield* rest;
}

/**
 * Events from a number on. Numbers follow each other in a stream, so a missing one shows that it was trimmed while it
 * was read, or that a commit came in between: a query is no snapshot, and may miss a commit and see the next. The
 * page ends before that; undefined when it would be empty.
 */
async function takePage(
  at: StreamRef,
  commits: AsyncIterable<Commit>,
  from: number,
  limit: number,
): Promise<StreamPage | undefined> {
  const cursors = commitCursors(at);
  const events: StoredEvent[] = [];
  let chars = 0;
  for await (const commit of commits) {
    const next = from + events.length;
    if (commit.first > next) return events.length > 0 ? { events, more: true } : undefined;
    if (next > lastSeq(commit)) continue;
    const all = eventsOf(commit);
    for (let seq = next; seq <= lastSeq(commit); seq++) {
      chars += commit.json.length / commit.count;
      if (events.length === limit || (events.length > 0 && chars > PAGE_CHARS)) return { events, more: true };
      events.push(toStored(all[seq - commit.first]!, { seq, first: commit.first }, cursors));
    }
  }
  return { events, more: false };
}
