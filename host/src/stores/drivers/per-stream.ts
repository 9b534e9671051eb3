import type { StreamRef } from '../event-spine.ts';

/** Streams that are remembered. */
const MAX_KEPT = 1000;

/**
 * What follows from the name of a stream alone, made once for each of the streams in use: to hash the name again for
 * every event is a tenth of the time of an append, and more where the engine is near.
 */
export function perStream<T>(make: (at: StreamRef) => T): (at: StreamRef) => T {
  const kept = new Map<string, T>();
  return (at) => {
    // A tenant has no `/`, so two streams never share a name.
    const name = `${at.tenantId}/${at.stream}`;
    const known = kept.get(name);
    if (known !== undefined) return known;
    const made = make(at);
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(name, made);
    return made;
  };
}
