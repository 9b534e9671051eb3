import type { FakeStores } from './fake-context.ts';

/**
 * Stores that do not answer until the call is given up, and then fail: what an engine that hangs looks like to a
 * handler. `reached` tells that the handler waits for one.
 */
export function stalledStores(signal: AbortSignal, reached: () => void = () => undefined): FakeStores {
  const stall = (): Promise<never> => {
    reached();
    return new Promise((_, reject) => {
      const fail = (): void => reject(new Error('The store was given up on, because the call was.'));
      if (signal.aborted) fail();
      else signal.addEventListener('abort', fail, { once: true });
    });
  };
  return {
    tabular: { get: stall, put: stall, delete: stall, list: stall },
    objects: { get: stall, put: stall, delete: stall, stat: stall },
    events: { append: stall, read: stall },
  };
}
