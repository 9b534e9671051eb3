import type { Json } from '@northstar/sdk';
import { reserveAll } from '../counter/reserve-all.ts';
import type { Counters } from '../counter/counters.ts';
import { periodOf } from '../counter/window.ts';
import { planIdOf, type EntitlementStore } from '../entitlement/entitlement-store.ts';
import { allowsScope, type EntitlementPlan, type Plans } from '../entitlement/plans.ts';
import { quotasOn, quotaStandings, usedCalls, type QuotaStanding } from '../entitlement/quotas.ts';
import type { Claim, Deny, Gate, PolicyQuestion } from '../gate.ts';
import { policyRecord, type PolicyRecord } from '../policy-record.ts';
import { SYSTEM_TENANT } from '../../identity/request-context.ts';

export interface EntitlementParts {
  readonly entitlements: EntitlementStore;
  readonly plans: Plans;
  readonly counters: Counters;
}

/** Denies what the plan of the tenant does not hold: the scope, or one more call of it in the window of a quota. */
export function entitlementGate(parts: EntitlementParts): Gate {
  const { entitlements, plans, counters } = parts;
  return {
    name: 'entitlement',
    async decide(question) {
      const { context, action } = question;
      const assignment = await entitlements.assignmentOf(context);
      if (assignment === undefined)
        return context.mode === 'lab' ? { allow: true } : refuse(parts, question, { reason: 'no_plan' });
      const records = [policyRecord('entitlement', SYSTEM_TENANT, assignment)];
      const planId = planIdOf(assignment);
      const plan = plans.get(planId);
      if (plan === undefined) return { ...refuse(parts, question, { reason: 'unknown_plan', planId }), records };
      // The plans are no stored records, but a change of them is a change of policy all the same.
      records.push(planRecord(plan));
      if (!allowsScope(plan, action))
        return { ...refuse(parts, question, { reason: 'scope_not_in_plan', planId }), records };
      const standings = await quotaStandings(counters, context, quotasOn(plan, action));
      records.push(...standings.map(quotaRecord));
      const full = standings.find(({ quota, reading }) => usedCalls(reading) + 1 > quota.calls);
      if (full) return { ...refuse(parts, question, { reason: 'quota_used_up', planId, full }), records };
      if (standings.length === 0 || question.inner) return { allow: true, records };
      return { allow: true, records, claim: claimOf(parts, { question, standings, planId }) };
    },
  };
}

function claimOf(
  parts: EntitlementParts,
  { question, standings, planId }: { question: PolicyQuestion; standings: readonly QuotaStanding[]; planId: string },
): Claim {
  return async () => {
    const places = standings.map(({ ref, reading, quota }) => ({ ref, reading, amount: 1, limit: quota.calls }));
    const taken = await reserveAll(parts.counters, places, question.timeoutMs);
    if ('full' in taken) {
      const standing = standings[taken.full]!;
      const full = { ...standing, reading: await parts.counters.read(standing.ref) };
      return refuse(parts, question, { reason: 'quota_used_up', planId, full });
    }
    // A call that ran counts, however it ended: failing must not be a way to call without limit.
    return { end: async (outcome) => (outcome === 'not_run' ? taken.release() : taken.settle()) };
  };
}

interface Refusal {
  readonly reason: 'no_plan' | 'unknown_plan' | 'scope_not_in_plan' | 'quota_used_up';
  readonly planId?: string;
  readonly full?: QuotaStanding;
}

function refuse({ plans }: EntitlementParts, { action, context }: PolicyQuestion, refusal: Refusal): Deny {
  const { reason, planId, full } = refusal;
  const better = plans.all.find(
    (plan) => plan.id !== planId && allowsScope(plan, action) && hasRoom(plan, action, full),
  );
  const wayOut = better
    ? `The plan ${better.id} (${better.name}) allows it: an operator of the tenant orders it with POST /billing/checkout-session {"plan":"${better.id}"}.`
    : 'No plan of this host allows it; ask its operator.';
  return {
    allow: false,
    code: 'entitlement.required',
    message: `entitlement.required: ${whyOf(refusal, { action, tenantId: context.tenantId })} Do not retry yet. ${wayOut}`,
    details: {
      reason,
      action_name: action,
      plan: planId ?? null,
      required_plan: better?.id ?? null,
      ...(full && quotaDetails(full)),
    },
  };
}

/** Whether a plan would have room where the present one has none. */
function hasRoom(plan: EntitlementPlan, action: string, full: QuotaStanding | undefined): boolean {
  if (full === undefined) return true;
  const same = quotasOn(plan, action).find(({ id }) => id === full.quota.id);
  return same === undefined || same.calls > full.quota.calls;
}

function whyOf({ reason, planId, full }: Refusal, { action, tenantId }: { action: string; tenantId: string }): string {
  if (reason === 'no_plan') return `tenant ${tenantId} has no plan, so it may not call ${action}.`;
  if (reason === 'unknown_plan')
    return `tenant ${tenantId} has the plan ${planId}, which this host does not know, so it may not call ${action}.`;
  if (full === undefined) return `the plan ${planId} of tenant ${tenantId} does not hold ${action}.`;
  const { resetsAt } = periodOf(full.quota.window, Date.now());
  return `the plan ${planId} of tenant ${tenantId} holds ${full.quota.calls} calls a ${full.quota.window} like ${action}, and they are used up${resetsAt ? ` until ${resetsAt}` : ''}.`;
}

function quotaDetails({ quota, reading }: QuotaStanding): { [key: string]: Json } {
  const { id, resetsAt } = periodOf(quota.window, Date.now());
  return {
    window: quota.window,
    period: id,
    quota_calls: quota.calls,
    used_calls: Math.min(usedCalls(reading), quota.calls),
    ...(resetsAt !== undefined && { resets_at: resetsAt }),
  };
}

function planRecord(plan: EntitlementPlan): PolicyRecord {
  return {
    kind: 'plan',
    id: plan.id,
    version: plan.digest,
    value: { scopes: plan.scopes, quotas: plan.quotas } as unknown as Json,
  };
}

function quotaRecord({ quota, ref, reading }: QuotaStanding): PolicyRecord {
  return {
    kind: 'quota_usage',
    id: ref.key,
    version: reading.version,
    value: { window: quota.window, calls: quota.calls, used: usedCalls(reading) },
    state: true,
  };
}
