import type { StoredEvent, StreamRef } from '../event-spine.ts';
import { cursorForgotten, streamCursors } from './stream-cursor.ts';
import { eventsOf, type StoredCommit } from './stored-commit.ts';
import { takePageFrom } from './take-page-from.ts';

/**
 * The page of events behind the number `start`, 0 for all that are kept, from the commits that hold `start` or a later
 * one, in order. Reads no further than the page goes.
 *
 * @throws StoreError `cursor_invalid` when the event `start` is not kept: the first commit is the one it would be in.
 */
export async function pageOfCommits(
  commits: AsyncIterable<Pick<StoredCommit, 'first' | 'json'>>,
  at: StreamRef,
  { start, limit }: { start: number; limit: number },
): Promise<{ events: StoredEvent[]; more: boolean }> {
  const { toCursor } = streamCursors(at);
  let kept = start === 0;
  const rows = async function* (): AsyncGenerator<{ event: StoredEvent; chars: number }> {
    for await (const commit of commits) {
      kept ||= commit.first <= start;
      if (!kept) return;
      const events = eventsOf(commit, toCursor);
      const chars = commit.json.length / events.length;
      for (const event of events) if (event.seq > start) yield { event, chars };
    }
  };
  const { rows: page, more } = await takePageFrom(rows(), limit, ({ chars }) => chars);
  if (!kept) throw cursorForgotten(at);
  return { events: page.map(({ event }) => event), more };
}
