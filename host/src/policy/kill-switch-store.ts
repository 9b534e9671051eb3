import { SYSTEM_TENANT } from '../identity/request-context.ts';
import { readMany } from '../stores/read-many.ts';
import type { Partition, TabularStore } from '../stores/tabular-store.ts';
import { policyRecord, type PolicyRecord } from './policy-record.ts';

export const KILL_TARGETS = ['all', 'tenant', 'muscle', 'scope'] as const;
export type KillTarget = (typeof KILL_TARGETS)[number];

export interface KillSwitch {
  readonly target: KillTarget;
  /** What is switched off; `*` for `all`. */
  readonly id: string;
  readonly engaged: boolean;
  readonly reason: string;
  readonly updated_by: string;
  readonly updated_at: string;
}

const AT: Partition = { tenantId: SYSTEM_TENANT, kind: 'config_store' };
const keyOf = (target: KillTarget, id: string): string => `kill-switch/${target}/${id}`;

/** Kill switches are the host's own, across tenants. */
export class KillSwitchStore {
  readonly #records: TabularStore;

  constructor(records: TabularStore) {
    this.#records = records;
  }

  async set(entry: KillSwitch): Promise<KillSwitch> {
    await this.#records.put(AT, keyOf(entry.target, entry.id), { ...entry });
    return entry;
  }

  async list(): Promise<KillSwitch[]> {
    const page = await this.#records.list(AT, { prefix: 'kill-switch/', limit: 1000 });
    return page.items.map((item) => item.value as unknown as KillSwitch);
  }

  /** Every switch that was ever set for the call, engaged or not, widest first. */
  async covering(call: { tenantId: string; toolId: string; action: string }): Promise<PolicyRecord[]> {
    const targets: [KillTarget, string][] = [
      ['all', '*'],
      ['tenant', call.tenantId],
      ['muscle', call.toolId],
      ['scope', call.action],
    ];
    const keys = targets.map(([target, id]) => keyOf(target, id));
    const records = await readMany(this.#records, AT, keys);
    return records.flatMap((record) => (record ? [policyRecord('kill_switch', AT.tenantId, record)] : []));
  }
}
