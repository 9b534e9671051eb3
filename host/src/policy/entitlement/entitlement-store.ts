import { NorthstarError } from '../../errors/northstar-error.ts';
import { SYSTEM_TENANT, type RequestContext } from '../../identity/request-context.ts';
import type { Partition, TabularRecord, TabularStore } from '../../stores/tabular-store.ts';

/** Says which plan a tenant has. */
export interface Assignment {
  readonly tenant_id: string;
  readonly plan: string;
  readonly assigned_by: string;
  readonly assigned_at: string;
}

/** Whose plan, in which mode. */
export type EntitlementAudience = Pick<RequestContext, 'tenantId' | 'mode'>;

/** Records of the system tenant: what a tenant has paid for is not the tenant's to keep. */
export function sellingPartition({ mode }: Pick<EntitlementAudience, 'mode'>): Partition {
  return { tenantId: SYSTEM_TENANT, kind: 'budget_store', mode };
}
const keyOf = (tenantId: string): string => `entitlements/${tenantId}`;

/** Which plan each tenant has, in each mode. */
export class EntitlementStore {
  readonly #records: TabularStore;

  constructor(records: TabularStore) {
    this.#records = records;
  }

  async assign({ tenantId, mode }: EntitlementAudience, plan: string, by: string): Promise<Assignment> {
    const assignment = { tenant_id: tenantId, plan, assigned_by: by, assigned_at: new Date().toISOString() };
    await this.#records.put(sellingPartition({ mode }), keyOf(tenantId), assignment);
    return assignment;
  }

  async withdraw({ tenantId, mode }: EntitlementAudience): Promise<void> {
    if (!(await this.#records.delete(sellingPartition({ mode }), keyOf(tenantId))))
      throw new NorthstarError('entitlement.not_assigned', `${tenantId} has no plan in ${mode}.`);
  }

  async assignmentOf({ tenantId, mode }: EntitlementAudience): Promise<TabularRecord | undefined> {
    return this.#records.get(sellingPartition({ mode }), keyOf(tenantId));
  }
}

/** @throws Error for a record that names no plan: it must not count as having none, which lab allows. */
export function planIdOf(assignment: TabularRecord): string {
  const { plan } = assignment.value as unknown as Assignment;
  if (typeof plan !== 'string') throw new Error('a stored entitlement names no plan');
  return plan;
}
