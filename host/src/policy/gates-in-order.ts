import type { Gate } from './gate.ts';
import { budgetGate } from './gates/budget.gate.ts';
import { entitlementGate } from './gates/entitlement.gate.ts';
import { firearmsGate } from './gates/firearms.gate.ts';
import { identityGate } from './gates/identity.gate.ts';
import { killSwitchGate } from './gates/kill-switch.gate.ts';
import { kpiGate } from './gates/kpi.gate.ts';
import { strategyLockGate } from './gates/strategy-lock.gate.ts';
import type { PolicyStores } from './policy-stores.ts';

/** The names that gates have in envelopes, records and explanations, in the order in which they speak. */
export const GATE_NAMES = [
  'kill_switch',
  'identity',
  'entitlement',
  'firearms',
  'strategy_lock',
  'budget',
  'kpi',
] as const;

/** The one place that says which gates there are and in which order they speak. */
export function gatesInOrder(stores: PolicyStores): readonly Gate[] {
  return [
    killSwitchGate(stores.killSwitches),
    identityGate(),
    entitlementGate(stores),
    firearmsGate(stores.firearms),
    strategyLockGate(stores),
    budgetGate(stores),
    kpiGate(stores.kpis),
  ];
}
