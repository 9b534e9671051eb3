import { randomBytes } from 'node:crypto';
import { SYSTEM_TENANT } from '../identity/request-context.ts';
import { StoreError } from '../stores/store-error.ts';
import type { Partition, TabularStore } from '../stores/tabular-store.ts';

const AT: Partition = { tenantId: SYSTEM_TENANT, kind: 'config_store' };
const KEY = 'mcp/state-key';
const BYTES = 32;

/**
 * The key that seals request state: one for all hosts of a control store, made by the first of them, because the next
 * round of a call may reach another host. Who can read the control store can forge states.
 */
export async function openStateKey(records: TabularStore): Promise<Uint8Array> {
  const stored = await records.get<string>(AT, KEY);
  if (stored !== undefined) return new Uint8Array(Buffer.from(stored.value, 'base64'));
  const made = randomBytes(BYTES);
  try {
    await records.put(AT, KEY, made.toString('base64'), { ifVersion: 'absent' });
    return new Uint8Array(made);
  } catch (error) {
    // Another host was first.
    if (error instanceof StoreError && error.code === 'conflict') return openStateKey(records);
    throw error;
  }
}
