import type { IncomingMessage } from 'node:http';

/** Milliseconds of silence, and bytes, after which a sender that was answered already is cut off. */
const SILENCE_MS = 2000;
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Reads on after an early answer and throws away what comes; resolves when the body is through or cut off. Closing at
 * once would break the connection of a client that is still writing, and it would never see the answer. Bounded, since
 * nobody may hold a connection by never finishing a body.
 */
export function discardRest(req: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let left = MOST_BYTES;
    const cut = (): void => void req.socket.destroy();
    let timer = setTimeout(cut, SILENCE_MS);
    req.on('data', (chunk: Buffer) => {
      clearTimeout(timer);
      left -= chunk.length;
      if (left < 0) cut();
      else timer = setTimeout(cut, SILENCE_MS);
    });
    for (const event of ['end', 'error', 'close'])
      req.once(event, () => {
        clearTimeout(timer);
        resolve();
      });
    req.resume();
  });
}
