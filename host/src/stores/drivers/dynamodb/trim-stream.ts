import type { StreamRef } from '../../event-spine.ts';
import { StoreError } from '../../store-error.ts';
import { commitCursors, type Place } from './commit-cursor.ts';
import type { Commit } from './commit-item.ts';
import type { CommitLog } from './commit-log.ts';
import type { EventClaims } from './event-claims.ts';
import { findKept } from './find-kept.ts';

/**
 * Milliseconds for which a commit stays in the table at least, forgotten or not. A create that was sent to its place
 * by a writer that does not know of it would otherwise succeed once it is removed. The service refuses requests that
 * were signed more than 5 minutes ago, and a writer looks again after `TRUST_HEAD_MS`.
 */
const KEEP_TRIMMED_MS = 15 * 60_000;

/** Commits that are deleted at once. */
const CHUNK = 20;

export interface TrimOptions {
  readonly keepTrimmedMs?: number;
}

/**
 * Forgets what is before the cursor: at once by moving the start of the stream, which readers and event ids respect,
 * then by deleting commits, oldest first, each after the claims of its ids. What is too young or what a failure has
 * left is deleted by the next call.
 */
export async function trimStream(
  at: StreamRef,
  { log, claims }: { log: CommitLog; claims: EventClaims },
  before: string,
  { keepTrimmedMs = KEEP_TRIMMED_MS }: TrimOptions,
): Promise<void> {
  const start = await moveStart(log, at, commitCursors(at).toPlace(before));
  const chunk: Commit[] = [];
  const remove = async (): Promise<void> => {
    const commits = chunk.splice(0);
    await Promise.all(commits.map((commit) => claims.release(at, commit)));
    await Promise.all(commits.map((commit) => removeOnce(log, at, commit)));
  };
  for await (const commit of log.range(at, { to: start - 1 }, CHUNK)) {
    if (commit.writtenAt > Date.now() - keepTrimmedMs) break;
    if (chunk.push(commit) === CHUNK) await remove();
  }
  await remove();
}

/** The place of the commit that the stream now starts in. */
async function moveStart(log: CommitLog, at: StreamRef, place: Place): Promise<number> {
  for (;;) {
    const kept = await findKept(log, at, place);
    if (kept.from === place.seq) return place.first;
    try {
      await log.keep(at, { from: place.seq, commit: place.first }, kept);
      return place.first;
    } catch (error) {
      // Somebody else has trimmed meanwhile: not as far, and it goes on here, or further, and the cursor is forgotten.
      if (!(error instanceof StoreError && error.code === 'conflict')) throw error;
    }
  }
}

/** Two hosts may trim one stream: whoever is second finds nothing to delete. */
async function removeOnce(log: CommitLog, at: StreamRef, commit: Commit): Promise<void> {
  try {
    await log.remove(at, commit);
  } catch (error) {
    if (!(error instanceof StoreError && error.code === 'conflict')) throw error;
  }
}
