import type { TabularStore } from '../stores/tabular-store.ts';
import { FirearmsStore } from './firearms-store.ts';
import { KillSwitchStore } from './kill-switch-store.ts';
import { ApprovalStore } from './strategy-lock/approval-store.ts';
import { LockPolicyStore } from './strategy-lock/lock-policy-store.ts';

/** The records that gates read and operators change. */
export interface PolicyStores {
  readonly killSwitches: KillSwitchStore;
  readonly firearms: FirearmsStore;
  readonly lockPolicies: LockPolicyStore;
  readonly approvals: ApprovalStore;
}

export function openPolicyStores(records: TabularStore): PolicyStores {
  return {
    killSwitches: new KillSwitchStore(records),
    firearms: new FirearmsStore(records),
    lockPolicies: new LockPolicyStore(records),
    approvals: new ApprovalStore(records),
  };
}
