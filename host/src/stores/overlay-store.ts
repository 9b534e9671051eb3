import type { Json } from '@northstar/sdk';
import { StoreError } from './store-error.ts';
import type { Partition, TabularRecord, TabularStore } from './tabular-store.ts';

/**
 * Records as they would be after some changes: writes stay in memory and are read back, everything else is read from
 * the store below, which is never written. For asking "what if"; listings show the store below alone.
 */
export function overlayStore(below: TabularStore): TabularStore {
  const changed = new Map<string, TabularRecord | undefined>();
  const nameOf = ({ tenantId, kind }: Partition, key: string): string => JSON.stringify([tenantId, kind, key]);
  let writes = 0;
  const read = async (at: Partition, key: string): Promise<TabularRecord | undefined> => {
    const name = nameOf(at, key);
    return changed.has(name) ? changed.get(name) : below.get(at, key);
  };
  const check = (key: string, found: TabularRecord | undefined, ifVersion: string | undefined): void => {
    if (ifVersion !== undefined && ifVersion !== (found?.version ?? 'absent'))
      throw new StoreError('conflict', `Record ${key} is not as it was read.`);
  };
  return {
    caps: below.caps,
    limits: below.limits,
    get: async <T extends Json = Json>(at: Partition, key: string) =>
      (await read(at, key)) as TabularRecord<T> | undefined,
    async put(at, key, value, condition) {
      check(key, await read(at, key), condition?.ifVersion);
      const version = `overlay${++writes}`;
      changed.set(nameOf(at, key), { key, value, version });
      return { version };
    },
    async delete(at, key, condition) {
      const found = await read(at, key);
      check(key, found, condition?.ifVersion);
      changed.set(nameOf(at, key), undefined);
      return found !== undefined;
    },
    list: (at, query) => below.list(at, query),
  };
}
