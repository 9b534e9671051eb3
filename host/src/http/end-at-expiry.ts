import type { ServerResponse } from 'node:http';

/** Longest delay of a timer: about 24 days; a token that lives longer is checked again with its next request. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** Ends a response when the caller's token runs out: a stream opened in time must not outlive the right to it. */
export function endAtExpiry(res: ServerResponse, expiresAt: number | undefined): void {
  if (expiresAt === undefined) return;
  const timer = setTimeout(() => res.destroy(), Math.min(Math.max(expiresAt - Date.now(), 0), MAX_DELAY_MS));
  res.once('close', () => clearTimeout(timer));
}
