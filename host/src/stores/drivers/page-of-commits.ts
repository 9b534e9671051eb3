import type { StoredEvent, StreamRef } from '../event-spine.ts';
import { cursorForgotten, streamCursors } from './stream-cursor.ts';
import { eventsOf, type StoredCommit } from './stored-commit.ts';
import { PAGE_CHARS } from './take-page-from.ts';

type Commit = Pick<StoredCommit, 'first' | 'json'>;

/** The commits of one stream, as an engine finds them. */
export interface CommitsOfStream {
  /** Those that hold events with these numbers, in order; a few more may follow. */
  between(first: number, last: number): AsyncIterable<Commit>;
  /** The first one that is kept. */
  oldest(): Promise<Pick<Commit, 'first'> | undefined>;
}

/**
 * The page of events behind the number `start`, 0 for all that are kept. Numbers have no gap, so those of the page are
 * known, and the engine is asked for no commit beyond, however many events a commit has.
 *
 * @throws StoreError `cursor_invalid` when the event `start` is not kept.
 */
export async function pageOfCommits(
  stream: CommitsOfStream,
  at: StreamRef,
  { start, limit }: { start: number; limit: number },
): Promise<{ events: StoredEvent[]; more: boolean }> {
  const { toCursor } = streamCursors(at);
  const events: StoredEvent[] = [];
  let chars = 0;
  let kept = start === 0;
  for await (const commit of commitsFrom(stream, start, limit + 1)) {
    // The first commit is the one that the cursor's event is in, or would be.
    kept ||= commit.first <= start;
    if (!kept) break;
    const all = eventsOf(commit, toCursor);
    const each = commit.json.length / all.length;
    for (let i = Math.max(0, start + 1 - commit.first); i < all.length; i++) {
      chars += each;
      if (events.length === limit || (events.length > 0 && chars > PAGE_CHARS)) return { events, more: true };
      events.push(all[i]!);
    }
  }
  if (!kept) throw cursorForgotten(at);
  return { events, more: false };
}

async function* commitsFrom(stream: CommitsOfStream, start: number, count: number): AsyncGenerator<Commit> {
  if (start > 0) return yield* stream.between(start, start + count);
  let whole = false;
  for await (const commit of stream.between(1, count)) {
    whole ||= commit.first === 1;
    if (!whole) break;
    yield commit;
  }
  // A stream that was trimmed begins somewhere else.
  const oldest = whole ? undefined : await stream.oldest();
  if (oldest) yield* stream.between(oldest.first, oldest.first + count - 1);
}
