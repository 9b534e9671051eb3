import type { Partition, TabularRecord, TabularStore } from './tabular-store.ts';

/**
 * Records of one partition by their keys, in the order of the keys: one question to an engine that can answer so, else
 * a read each. For the handful that a decision needs; it is no listing.
 */
export function readMany(
  store: Pick<TabularStore, 'get' | 'getMany'>,
  at: Partition,
  keys: readonly string[],
): Promise<readonly (TabularRecord | undefined)[]> {
  if (store.getMany !== undefined) return store.getMany(at, keys);
  return Promise.all(keys.map((key) => store.get(at, key)));
}
