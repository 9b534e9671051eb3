import { neverSent } from '../never-sent.ts';
import { StoreError } from '../store-error.ts';

/** Milliseconds. A call that failed sooner did not wait for its time limit: the next one may succeed and is made. */
const AT_ONCE_MS = 250;

interface Waiting {
  reject(error: unknown): void;
}

/**
 * For queues with one call under way. When the engine did not answer it, refuses those that were waiting already when
 * it was sent: they have waited for as long as a call may take. Sent one after the other to a silent server, the last
 * of N would be answered after N time limits; this way nobody waits for more than two. Costs nothing per entry.
 *
 * @param call what it failed with, and when it was sent, by `performance.now()`.
 * @param waiting the first `behind` of them were there when it was sent; they are taken out.
 */
export function refuseUnsent(
  call: { readonly error: unknown; readonly sentAt: number },
  waiting: Waiting[],
  behind: number,
): void {
  if (behind === 0 || !isSilence(call.error) || performance.now() - call.sentAt < AT_ONCE_MS) return;
  for (const { reject } of waiting.splice(0, behind)) reject(neverSent('append to its stream', call.error));
}

function isSilence(error: unknown): boolean {
  return error instanceof StoreError && (error.code === 'unknown_outcome' || error.code === 'unavailable');
}
