import { z } from 'zod';
import { unknownPlan } from '../../billing/checkout-desk.ts';
import type { RequestContext } from '../../identity/request-context.ts';
import { BOUND_EFFECTS, GRANT_SUBJECTS } from '../../policy/firearms-store.ts';
import { KILL_TARGETS } from '../../policy/kill-switch-store.ts';
import { canonicalScope } from '../../muscles/canonical-scope.ts';
import type { Snapshot } from '../../muscles/snapshot.ts';
import type { PolicyStores } from '../../policy/policy-stores.ts';
import { LOCK_LEVELS } from '../../policy/strategy-lock/lock-policy-store.ts';
import { BudgetPolicyBody, BudgetPolicyTarget } from './budget-bodies.ts';
import { KPI_AHEAD_MS, KpiBindingBody, KpiCorridorBody, KpiMeasurementBody } from './kpi-bodies.ts';

const name = z.string().min(1).max(257);
const licenses = z.array(name).max(50);
const upTo100 = <Item extends z.ZodType>(item: Item) => z.array(item).max(100).default([]);

/**
 * Changes of policy that hold for one replay: in the words of the routes that would make them, and of the same tenant.
 * A binding without licences binds nothing.
 */
export const ReplayOverrides = z.strictObject({
  bindings: upTo100(
    z.union([
      z.strictObject({ tool_id: name, scope_name: name, license_types: licenses }),
      z.strictObject({ tool_id: name, effects: z.enum(BOUND_EFFECTS), license_types: licenses }),
    ]),
  ),
  grants: upTo100(z.strictObject({ license_type: name, subject_type: z.enum(GRANT_SUBJECTS), subject_id: name })),
  revoked_grants: upTo100(name),
  lock_policies: upTo100(z.strictObject({ level: z.enum(LOCK_LEVELS), id: name, action: name, required: z.boolean() })),
  kill_switches: upTo100(z.strictObject({ target: z.enum(KILL_TARGETS), id: name, engaged: z.boolean() })),
  /** The tenant's plan; null for none. */
  plan: z.string().min(1).max(64).nullish(),
  budget_policies: upTo100(BudgetPolicyBody),
  removed_budget_policies: upTo100(BudgetPolicyTarget),
  kpi_corridors: upTo100(KpiCorridorBody),
  kpi_measurements: upTo100(KpiMeasurementBody.omit({ at: true })),
  kpi_bindings: upTo100(KpiBindingBody),
  removed_kpi_bindings: upTo100(KpiBindingBody),
});

/** What the changes are made with. */
export interface OverrideParts {
  /** Stores that only the replay sees. */
  readonly stores: PolicyStores;
  readonly context: RequestContext;
  /** For names as they are on the wire: policy under such a name would hold for nothing. */
  readonly snapshot: Snapshot;
}

/** Makes the changes as their routes would. */
export async function applyOverrides(
  overrides: z.infer<typeof ReplayOverrides>,
  { stores, context, snapshot }: OverrideParts,
): Promise<void> {
  const named = <T extends { scope_name: string }>(of: T): T => ({
    ...of,
    scope_name: canonicalScope(snapshot, of.scope_name),
  });
  const by = { updated_by: context.actor.id, updated_at: new Date().toISOString() };
  const granted = { granted_by: by.updated_by, granted_at: by.updated_at };
  const { budgets, entitlements, firearms, killSwitches, kpis, lockPolicies, plans } = stores;
  for (const binding of overrides.bindings)
    await firearms.bind(context, { ...('scope_name' in binding ? named(binding) : binding), ...by });
  for (const grant of overrides.grants) await firearms.grant(context, { ...grant, ...granted });
  for (const id of overrides.revoked_grants) await firearms.revoke(context, id);
  for (const policy of overrides.lock_policies)
    await lockPolicies.save(context, { ...policy, action: canonicalScope(snapshot, policy.action), ...by });
  for (const { target, id, engaged } of overrides.kill_switches) {
    const entry = { target, id: target === 'scope' ? canonicalScope(snapshot, id) : id, engaged };
    await killSwitches.set({ ...entry, reason: 'replay', ...by });
  }
  const { plan } = overrides;
  if (plan !== undefined) {
    if (plan !== null && plans.get(plan) === undefined) throw unknownPlan(plans, plan);
    if (plan !== null) await entitlements.assign(context, plan, context.actor.id);
    else if (await entitlements.assignmentOf(context)) await entitlements.withdraw(context);
  }
  for (const target of overrides.removed_budget_policies) await budgets.remove(context, target);
  for (const { threshold, currency: _usd, ...target } of overrides.budget_policies)
    await budgets.set(context, { ...target, threshold_micro_usd: threshold, ...by });
  for (const binding of overrides.removed_kpi_bindings) await kpis.unbind(context, named(binding));
  for (const binding of overrides.kpi_bindings) await kpis.bind(context, { ...named(binding), ...by });
  for (const corridor of overrides.kpi_corridors) await kpis.setCorridor(context, { ...corridor, ...by });
  // As late as any that may have been reported, so that it is the latest.
  const at = new Date(Date.now() + KPI_AHEAD_MS).toISOString();
  for (const measurement of overrides.kpi_measurements)
    await kpis.measure(context, { ...measurement, at, reported_by: by.updated_by });
}
