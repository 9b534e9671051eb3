import type { Json } from '@northstar/sdk';
import { StoreError } from '../stores/store-error.ts';
import type { Partition, TabularStore } from '../stores/tabular-store.ts';

const ATTEMPTS = 100;

/**
 * Reads a record, changes it and writes it back, again if somebody else was faster. `change` gets undefined where there
 * is no record yet, and whatever it throws ends the attempt with nothing written.
 */
export async function changeRecord<T extends object>(
  records: TabularStore,
  { at, key }: { at: Partition; key: string },
  change: (before: T | undefined) => T,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const record = await records.get(at, key);
    const after = change(record?.value as unknown as T | undefined);
    try {
      await records.put(at, key, after as unknown as Json, { ifVersion: record?.version ?? 'absent' });
      return after;
    } catch (error) {
      const lost = error instanceof StoreError && error.code === 'conflict';
      if (!lost || attempt === ATTEMPTS) throw error;
      if (attempt > 2) await new Promise((wake) => setTimeout(wake, Math.random() * Math.min(attempt * 2, 20)));
    }
  }
}
