import type { IncomingMessage } from 'node:http';

/** Milliseconds of silence, and bytes, after which a sender that was answered already is cut off. */
const SILENCE_MS = 2000;
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Reads on after an early answer and throws away what comes. A client that is still writing would otherwise see its
 * connection break instead of the answer. Bounded, since nobody may hold a connection by never finishing a body.
 */
export function discardRest(req: IncomingMessage): void {
  let left = MOST_BYTES;
  const cut = (): void => void req.socket.destroy();
  let timer = setTimeout(cut, SILENCE_MS);
  req.on('data', (chunk: Buffer) => {
    clearTimeout(timer);
    left -= chunk.length;
    if (left < 0) cut();
    else timer = setTimeout(cut, SILENCE_MS);
  });
  for (const event of ['end', 'error', 'close']) req.once(event, () => clearTimeout(timer));
  req.resume();
}
