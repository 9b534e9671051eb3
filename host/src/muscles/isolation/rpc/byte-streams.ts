/** Bytes in one chunk on the way between host and isolate. */
const CHUNK_BYTES = 256 * 1024;

/**
 * Byte streams of one call that the other side reads. It asks for every chunk, so at most one is on the way and a slow
 * reader slows the writer down.
 */
export class OfferedStreams {
  readonly #open = new Map<number, AsyncGenerator<Uint8Array, void>>();
  #next = 0;

  /** Gives the number that the other side pulls by. */
  offer(body: AsyncIterable<Uint8Array>): number {
    const stream = this.#next++;
    this.#open.set(stream, pieces(body));
    return stream;
  }

  /** The next chunk; undefined at the end, and for a stream that is not, or no longer, on offer. */
  async pull(stream: number): Promise<Uint8Array | undefined> {
    const source = this.#open.get(stream);
    const next = await source?.next();
    if (next && !next.done) return next.value;
    this.#open.delete(stream);
    return undefined;
  }

  cancel(stream: number): void {
    const source = this.#open.get(stream);
    this.#open.delete(stream);
    // What a body throws while it is given up concerns nobody any more.
    source?.return().catch(() => undefined);
  }

  cancelAll(): void {
    for (const stream of this.#open.keys()) this.cancel(stream);
  }
}

async function* pieces(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a body must yield bytes');
    for (let start = 0; start < chunk.byteLength; start += CHUNK_BYTES)
      yield chunk.subarray(start, start + CHUNK_BYTES);
  }
}

/** The reader's end: a stream whose chunks are asked for one by one. `cancel` is called when the reader stops early. */
export async function* pulledStream(
  pull: () => Promise<Uint8Array | undefined>,
  cancel: () => void,
): AsyncGenerator<Uint8Array, void> {
  let over = false;
  try {
    for (;;) {
      const chunk = await pull().catch((error: unknown) => {
        over = true;
        throw error;
      });
      if (chunk === undefined) {
        over = true;
        return;
      }
      yield chunk;
    }
  } finally {
    if (!over) cancel();
  }
}
