import type { TabularStore } from '../stores/tabular-store.ts';
import { FirearmsStore } from './firearms-store.ts';
import { KillSwitchStore } from './kill-switch-store.ts';

/** The records that gates read and operators change. */
export interface PolicyStores {
  readonly killSwitches: KillSwitchStore;
  readonly firearms: FirearmsStore;
}

export function openPolicyStores(records: TabularStore): PolicyStores {
  return {
    killSwitches: new KillSwitchStore(records),
    firearms: new FirearmsStore(records),
  };
}
