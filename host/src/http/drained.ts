import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** Room for more, or nobody left to write for. The listener of the event that did not come must not stay behind. */
export async function drained(res: ServerResponse): Promise<void> {
  const waiting = new AbortController();
  const { signal } = waiting;
  await Promise.race([once(res, 'drain', { signal }), once(res, 'close', { signal })]).catch(() => undefined);
  waiting.abort();
}
