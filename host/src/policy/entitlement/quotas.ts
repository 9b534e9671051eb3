import type { RequestContext } from '../../identity/request-context.ts';
import { budgetPartition } from '../budget/budget-store.ts';
import type { CounterReading, CounterRef, Counters } from '../counter/counters.ts';
import { periodOf } from '../counter/window.ts';
import { matchesScope } from '../scope-pattern.ts';
import type { EntitlementPlan, QuotaRule } from './plans.ts';

/** A quota of a plan, and how much of it is used. */
export interface QuotaStanding {
  readonly quota: QuotaRule;
  readonly ref: CounterRef;
  readonly reading: CounterReading;
}

/** Calls of a tenant, counted by the same counters as money. */
export async function quotaStandings(
  counters: Counters,
  audience: Pick<RequestContext, 'tenantId' | 'mode'>,
  quotas: readonly QuotaRule[],
): Promise<QuotaStanding[]> {
  return Promise.all(
    quotas.map(async (quota) => {
      const key = `quotas/${quota.id}/${periodOf(quota.window, Date.now()).id}`;
      const ref: CounterRef = { at: budgetPartition(audience), key };
      return { quota, ref, reading: await counters.read(ref) };
    }),
  );
}

export function quotasOn({ quotas }: Pick<EntitlementPlan, 'quotas'>, action: string): readonly QuotaRule[] {
  return quotas.filter(({ scopes }) => scopes.some((pattern) => matchesScope(pattern, action)));
}

export function usedCalls({ spent, reserved }: CounterReading): number {
  return spent + reserved;
}
