import type { Json } from '@northstar/sdk';
import { NorthstarError } from '../errors/northstar-error.ts';

export interface PiecesOptions {
  readonly action: string;
  /** Aborts with the call: the generator is returned from, so that its `finally` runs. */
  readonly signal: AbortSignal;
  readonly deliver: ((piece: Json) => Promise<void>) | undefined;
  /** Characters of JSON: of one piece, and of all that are kept for the result. */
  readonly maxBytes: number;
}

/**
 * Runs the generator of a stream scope to its end and gives what it returned. One piece is on its way at a time, so a
 * slow caller slows the handler down. Where nothing is returned, the pieces are the result: joined where all are text.
 */
export async function runInPieces(generator: unknown, options: PiecesOptions): Promise<unknown> {
  const { action, signal, deliver, maxBytes } = options;
  const pieces = generator as AsyncGenerator<Json, unknown, void>;
  const stop = (): void => void pieces.return(undefined).catch(() => undefined);
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  const kept = new KeptPieces(maxBytes);
  try {
    for (;;) {
      const next = await pieces.next();
      if (next.done === true) return next.value === undefined ? kept.result() : next.value;
      const size = sizeOf(next.value, action);
      if (size > maxBytes)
        throw new NorthstarError(
          'payload.too_large',
          `A piece of ${action} has ${size} characters; at most ${maxBytes} fit. Ask its author for smaller ones.`,
          { details: { limit: maxBytes } },
        );
      kept.add(next.value, size);
      if (!signal.aborted) await deliver?.(next.value);
    }
  } finally {
    signal.removeEventListener('abort', stop);
    // After a failure here or in delivery the handler must not be left waiting at its yield.
    stop();
  }
}

/** What was yielded, for a handler that returns nothing; kept up to a limit, since a stream may be of any length. */
class KeptPieces {
  readonly #pieces: Json[] = [];
  readonly #limit: number;
  #size = 0;
  #more = false;

  constructor(limit: number) {
    this.#limit = limit / 2;
  }

  add(piece: Json, size: number): void {
    this.#size += size;
    if (this.#size > this.#limit) this.#more = true;
    else this.#pieces.push(piece);
  }

  result(): unknown {
    if (!this.#more && this.#pieces.every((piece) => typeof piece === 'string')) return this.#pieces.join('');
    return { pieces: this.#pieces, ...(this.#more && { truncated: true }) };
  }
}

function sizeOf(piece: unknown, action: string): number {
  let text: string | undefined;
  try {
    text = JSON.stringify(piece);
  } catch {
    // Told below, as for every other value that JSON cannot hold.
  }
  if (text === undefined)
    throw new NorthstarError('muscle.invalid_result', `${action} answered a piece that is not JSON.`);
  return text.length;
}
