export interface Peeked {
  /** The first bytes, as many as were asked for or as there are. */
  readonly head: Uint8Array;
  /** True when the head is all there is. */
  readonly complete: boolean;
  /** Everything, the head included. Read it once. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Looks at the start of a stream without holding more of it than the chunks that the start lies in. */
export async function peekStream(source: AsyncIterable<Uint8Array>, bytes: number): Promise<Peeked> {
  const iterator = source[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  let size = 0;
  let complete = false;
  while (size < bytes && !complete) {
    const next = await iterator.next();
    if (next.done) complete = true;
    else {
      held.push(next.value);
      size += next.value.byteLength;
    }
  }
  const head = Buffer.concat(held).subarray(0, bytes);
  return { head, complete, body: replay(held, iterator) };
}

async function* replay(held: Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    for (let chunk = held.shift(); chunk; chunk = held.shift()) yield chunk;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    // A reader that stops early must not leave the sender waiting.
    await rest.return?.();
  }
}
