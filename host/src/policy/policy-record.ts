import { hash } from 'node:crypto';
import type { Json } from '@northstar/sdk';
import { SYSTEM_TENANT } from '../identity/request-context.ts';
import type { TabularRecord } from '../stores/tabular-store.ts';

/** A record that a gate read, for explain and for the policy version. */
export interface PolicyRecord {
  /** `kill_switch`, `firearms_binding`, `firearms_grant`, `strategy_policy`, `approval`, `budget_policy` … */
  readonly kind: string;
  /** Its key; the system tenant stands before it where the record is the system's. */
  readonly id: string;
  /** Version in its store. */
  readonly version: string;
  /** As stored; never a secret. */
  readonly value: Json;
  /** Changes with every call (usage, a measurement): shown by explain, not part of the policy version. */
  readonly state?: true;
}

export function policyRecord(kind: string, tenantId: string, { key, version, value }: TabularRecord): PolicyRecord {
  return { kind, id: tenantId === SYSTEM_TENANT ? `${SYSTEM_TENANT}/${key}` : key, version, value };
}

/** Names the policy that a decision was made under: equal for equal records, whatever order they were read in. */
export function policyVersionOf(records: readonly PolicyRecord[]): string {
  const read = records.filter(({ state }) => state !== true).map(({ kind, id, version }) => `${kind}/${id}@${version}`);
  return hash('sha256', read.sort().join('\n')).slice(0, 16);
}
