import type { CounterReading, CounterRef, Counters, Reservation } from './counters.ts';

/** Room that a call needs in one counter. */
export interface Place {
  readonly ref: CounterRef;
  readonly amount: number;
  readonly limit: number;
  /** As it was read for this call. */
  readonly reading: CounterReading;
}

/** What a call has reserved. Ends once: the first `settle` or `release` counts. */
export interface Taken {
  /** Written behind this call. */
  settle(): void;
  release(): Promise<void>;
}

/** Milliseconds that a reservation outlives the handler's time limit: for slow stores, and clocks that differ. */
const GRACE_MS = 60_000;

/** Reserves in every counter or in none. `full`: index of the first that has no room. */
export async function reserveAll(
  counters: Counters,
  places: readonly Place[],
  timeoutMs: number,
): Promise<Taken | { readonly full: number }> {
  const expiresAt = Date.now() + timeoutMs + GRACE_MS;
  const asked = places.map(({ ref, amount, limit, reading: { own } }) =>
    counters.reserve(ref, { amount, limit, expiresAt, read: { own } }),
  );
  const atOnce = asked.filter((answer): answer is Reservation => !(answer instanceof Promise));
  if (atOnce.length === asked.length) return ending(counters, atOnce);
  const tries = await Promise.allSettled(asked);
  const taken = tries.flatMap((entry) => (entry.status === 'fulfilled' && entry.value ? [entry.value] : []));
  if (taken.length === places.length) return ending(counters, taken);
  // What cannot be given back now goes back with the next write, or when it expires.
  await Promise.allSettled(taken.map((reservation) => counters.release(reservation)));
  const failed = tries.find((entry) => entry.status === 'rejected');
  if (failed) throw failed.reason;
  return { full: tries.findIndex((entry) => entry.status === 'fulfilled' && entry.value === undefined) };
}

function ending(counters: Counters, taken: readonly Reservation[]): Taken {
  let open = taken;
  const rest = (): readonly Reservation[] => {
    const ending = open;
    open = [];
    return ending;
  };
  return {
    settle: () => rest().forEach((reservation) => counters.settle(reservation)),
    release: async () => void (await Promise.all(rest().map((reservation) => counters.release(reservation)))),
  };
}
