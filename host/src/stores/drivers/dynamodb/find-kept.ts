import type { StreamRef } from '../../event-spine.ts';
import { cursorForgotten } from '../stream-cursor.ts';
import type { Place } from './commit-cursor.ts';
import { lastSeq, type Commit } from './commit-item.ts';
import type { CommitLog, Kept } from './commit-log.ts';

/**
 * What the stream keeps, which is this event too.
 *
 * @throws StoreError `cursor_invalid` when the event is forgotten, or is none: a backup was restored, say.
 */
export async function findKept(log: CommitLog, at: StreamRef, place: Place): Promise<Kept> {
  const [kept, commit] = await Promise.all([log.kept(at), log.get(at, place.first)]);
  assertKept(at, place, kept, commit);
  return kept;
}

/** @param commit what is at the place of the event's commit, or behind it. */
export function assertKept(at: StreamRef, { seq, first }: Place, kept: Kept, commit: Commit | undefined): void {
  const there = commit !== undefined && commit.first === first && seq <= lastSeq(commit);
  if (!there || seq < kept.from) throw cursorForgotten(at);
}
