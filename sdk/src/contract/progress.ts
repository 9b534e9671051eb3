import type { ContextBase } from './context.ts';

/**
 * Goes through items and tells the client how far it is: `for await (const row of withProgress(ctx, rows)) …`. Stops
 * with the reason of `ctx.signal` when the caller gives up or time is up. The total is told where the items have a
 * `length` or a `size`.
 */
export async function* withProgress<T>(
  ctx: Pick<ContextBase, 'progress' | 'signal'>,
  items: Iterable<T> | AsyncIterable<T>,
  describe?: (item: T, index: number) => string,
): AsyncGenerator<T, void, undefined> {
  const total = totalOf(items);
  let done = 0;
  for await (const item of items) {
    ctx.signal.throwIfAborted();
    const message = describe?.(item, done);
    await ctx.progress({ progress: done, ...(total !== undefined && { total }), ...(message && { message }) });
    yield item;
    done++;
  }
  await ctx.progress({ progress: done, ...(total !== undefined && { total }) });
}

function totalOf(items: object): number | undefined {
  const { length, size } = items as { length?: unknown; size?: unknown };
  return typeof length === 'number' ? length : typeof size === 'number' ? size : undefined;
}
