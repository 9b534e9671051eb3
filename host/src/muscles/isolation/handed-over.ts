import type { Json } from '@northstar/sdk';

interface Handover {
  readonly piece: Json;
  /** Says that the next piece was asked for, or that none will be. */
  readonly taken: () => void;
}

/**
 * A stream scope whose generator runs elsewhere: each piece that `work` hands over is yielded, and its promise resolves
 * once the next one is asked for. Where nobody asks any more it rejects, which ends the generator on the other side.
 */
export async function* handedOver(
  work: (handOver: (piece: Json) => Promise<void>) => Promise<unknown>,
): AsyncGenerator<Json, unknown, void> {
  const { readable, writable } = new TransformStream<Handover, Handover>();
  const writer = writable.getWriter();
  const handOver = (piece: Json): Promise<void> =>
    new Promise((taken, refuse) => void writer.write({ piece, taken }).catch(refuse));
  const result = work(handOver);
  const over = (): void => void writer.close().catch(() => undefined);
  result.then(over, over);
  for await (const { piece, taken } of readable) {
    try {
      yield piece;
    } finally {
      taken();
    }
  }
  return result;
}
