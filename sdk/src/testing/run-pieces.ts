import type { Json } from '../contract/json.ts';

/**
 * Runs the generator of a stream scope to its end, as a caller who takes every piece. Gives what it returned, or else
 * what it yielded: joined where all pieces are text. On abort it is returned from, so its `finally` runs.
 */
export async function runPieces(generator: unknown, signal: AbortSignal, taken: Json[]): Promise<unknown> {
  const pieces = generator as AsyncGenerator<Json, unknown, void>;
  const stop = (): void => void pieces.return(undefined).catch(() => undefined);
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      const next = await pieces.next();
      if (next.done !== true) taken.push(JSON.parse(JSON.stringify(next.value)) as Json);
      else if (next.value !== undefined) return next.value;
      else return taken.every((piece) => typeof piece === 'string') ? taken.join('') : { pieces: taken };
    }
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}
