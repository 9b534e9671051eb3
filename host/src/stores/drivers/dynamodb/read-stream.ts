import type { StoredEvent, StreamRef } from '../../event-spine.ts';
import { StoreError } from '../../store-error.ts';
import { streamCursors } from '../stream-cursor.ts';
import { eventsOf, lastSeq, toStored, type Commit } from './commit-item.ts';
import type { CommitLog, Kept } from './commit-log.ts';
import { PAGE_CHARS } from './dynamo-caps.ts';

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
  const seq = streamCursors(at).toSeq(after);
  // The numbers of the page are known, so that what follows the cursor's commit need not wait for it.
  const rest = log.range(at, { from: seq + 1, to: seq + 1 + limit });
  const [{ commit }, next] = await Promise.all([findKept(log, at, seq), rest.next()]);
  const commits = async function* (): AsyncGenerator<Commit> {
    yield commit;
    if (next.done) return;
    yield next.value;
    yield* rest;
  };
  return { from: seq + 1, commits: commits() };
}

/**
 * The commit with this event, and what is kept.
 *
 * @throws StoreError `cursor_invalid` when the event is forgotten, or is none: a backup was restored, say.
 */
export async function findKept(log: CommitLog, at: StreamRef, seq: number): Promise<{ commit: Commit; kept: Kept }> {
  const [kept, commit] = await Promise.all([log.kept(at), log.newest(at, seq)]);
  if (commit && kept.from <= seq && seq <= lastSeq(commit)) return { commit, kept };
  throw new StoreError(
    'cursor_invalid',
    `The cursor is at no event that stream ${at.stream} keeps: read from the start.`,
  );
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
  const cursors = streamCursors(at);
  const events: StoredEvent[] = [];
  let chars = 0;
  for await (const commit of commits) {
    const next = from + events.length;
    if (commit.first > next) return events.length > 0 ? { events, more: true } : undefined;
    if (next > lastSeq(commit)) continue;
    for (const [i, event] of eventsOf(commit).entries()) {
      const seq = commit.first + i;
      if (seq < next) continue;
      chars += commit.json.length / commit.count;
      if (events.length === limit || (events.length > 0 && chars > PAGE_CHARS)) return { events, more: true };
      events.push(toStored(event, seq, cursors));
    }
  }
  return { events, more: false };
}
