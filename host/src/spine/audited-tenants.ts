import { StoreError } from '../stores/store-error.ts';
import type { Partition, TabularStore } from '../stores/tabular-store.ts';

/** Which tenants have an audit chain: stores cannot list tenants, and whoever verifies must not forget one. */
const AT: Partition = { tenantId: 't_system', kind: 'audited_tenants' };

/** Durable when it resolves; noting a tenant again changes nothing. */
export async function noteAuditedTenant(tabular: TabularStore, tenantId: string): Promise<void> {
  try {
    await tabular.put(AT, tenantId, {}, { ifVersion: 'absent' });
  } catch (error) {
    if (!(error instanceof StoreError && error.code === 'conflict')) throw error;
  }
}

/** In name order. */
export async function auditedTenants(tabular: TabularStore): Promise<string[]> {
  const tenants: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await tabular.list(AT, { limit: 1000, ...(cursor && { cursor }) });
    tenants.push(...page.items.map(({ key }) => key));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return tenants;
}
