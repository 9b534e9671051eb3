import type { Mode } from '@northstar/sdk';
import { StoreError } from '../stores/store-error.ts';
import type { Partition, TabularStore } from '../stores/tabular-store.ts';
import { HOST_CHAIN } from './audit-record.ts';

/** Which audit chains there are: stores cannot list tenants, and whoever verifies must not forget one. */
const AT: Partition = { tenantId: 't_system', kind: 'audited_tenants' };

/** Durable when it resolves; noting a tenant again changes nothing. */
export async function noteAuditChain(tabular: TabularStore, tenantId: string, mode?: Mode): Promise<void> {
  try {
    await tabular.put(AT, `${tenantId}/${mode ?? HOST_CHAIN}`, {}, { ifVersion: 'absent' });
  } catch (error) {
    if (!(error instanceof StoreError && error.code === 'conflict')) throw error;
  }
}

/** In name order. The host's own chain has no mode. */
export async function auditChains(tabular: TabularStore): Promise<{ tenantId: string; mode?: Mode }[]> {
  const chains: { tenantId: string; mode?: Mode }[] = [];
  let cursor: string | undefined;
  do {
    const page = await tabular.list(AT, { limit: 1000, ...(cursor && { cursor }) });
    for (const { key } of page.items) {
      const [tenantId = '', mode] = key.split('/');
      chains.push({ tenantId, ...(mode !== HOST_CHAIN && { mode: mode as Mode }) });
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
  return chains;
}
