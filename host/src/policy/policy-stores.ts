import type { TabularStore } from '../stores/tabular-store.ts';
import { BudgetStore } from './budget/budget-store.ts';
import { DEFAULT_PRICES, PriceBook } from './budget/price-book.ts';
import { UsageLedger } from './budget/usage-ledger.ts';
import { UsageReports } from './budget/usage-reports.ts';
import { Counters } from './counter/counters.ts';
import { EntitlementStore } from './entitlement/entitlement-store.ts';
import { Plans } from './entitlement/plans.ts';
import { FirearmsStore } from './firearms-store.ts';
import { KillSwitchStore } from './kill-switch-store.ts';
import { ApprovalStore } from './strategy-lock/approval-store.ts';
import { LockPolicyStore } from './strategy-lock/lock-policy-store.ts';
import { KpiStore } from './kpi/kpi-store.ts';

/** What the operator's data files say; read at start. */
export interface PolicyFiles {
  readonly prices: PriceBook;
  readonly plans: Plans;
}

/** As for a host that has neither file: calls have one price, and no plan allows anything. */
const NO_FILES: PolicyFiles = { prices: new PriceBook(DEFAULT_PRICES), plans: new Plans({ plans: {} }) };

/** The records that gates read and operators change. */
export interface PolicyStores extends PolicyFiles {
  readonly killSwitches: KillSwitchStore;
  readonly firearms: FirearmsStore;
  readonly lockPolicies: LockPolicyStore;
  readonly approvals: ApprovalStore;
  readonly entitlements: EntitlementStore;
  readonly kpis: KpiStore;
  readonly budgets: BudgetStore;
  readonly counters: Counters;
  readonly ledger: UsageLedger;
  readonly reports: UsageReports;
}

export function openPolicyStores(records: TabularStore, files: PolicyFiles = NO_FILES): PolicyStores {
  const counters = new Counters(records);
  const ledger = new UsageLedger(records);
  const budgets = new BudgetStore(records, { counters, ledger });
  return {
    ...files,
    killSwitches: new KillSwitchStore(records),
    firearms: new FirearmsStore(records),
    lockPolicies: new LockPolicyStore(records),
    approvals: new ApprovalStore(records),
    entitlements: new EntitlementStore(records),
    kpis: new KpiStore(records),
    budgets,
    counters,
    ledger,
    reports: new UsageReports(records, { budgets, counters, ledger }),
  };
}
