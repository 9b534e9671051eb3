import type { StoredEvent, StreamRef } from '../../event-spine.ts';
import { StoreError } from '../../store-error.ts';
import { streamCursors } from '../stream-cursor.ts';
import { lastSeq, toStored, type Commit } from './commit-item.ts';
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
  return { from, commits: log.range(at, { from: commit }, limit + 1) };
}

async function fromCursor(log: CommitLog, at: StreamRef, { after, limit }: Query & { after: string }): Promise<Start> {
  const seq = streamCursors(at).toSeq(after);
  const { commit } = await findKept(log, at, seq);
  const commits = async function* (): AsyncGenerator<Commit> {
    yield commit;
    // As many as it takes when they are like the one before; a page that is read and not used costs as much.
    const like = Math.ceil((limit + 1) / commit.events.length);
    yield* log.range(at, { from: lastSeq(commit) + 1 }, like);
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
    for (let seq = next; seq <= lastSeq(commit); seq++) {
      chars += commit.events[seq - commit.first]!.json.length;
      if (events.length === limit || (events.length > 0 && chars > PAGE_CHARS)) return { events, more: true };
      events.push(toStored(commit, seq, cursors));
    }
  }
  return { events, more: false };
}
