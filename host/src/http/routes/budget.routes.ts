import { z } from 'zod';
import { SYSTEM_TENANT, type RequestContext } from '../../identity/request-context.ts';
import { fitsNothing } from '../../muscles/fits-nothing.ts';
import { canonicalScope } from '../../muscles/canonical-scope.ts';
import type { BudgetPolicy } from '../../policy/budget/budget-policy.ts';
import { budgetPartition } from '../../policy/budget/budget-store.ts';
import { sumByTool } from '../../policy/budget/sum-usage.ts';
import { toUsd, UsdAmount } from '../../policy/budget/usd.ts';
import { periodOf, WINDOWS } from '../../policy/counter/window.ts';
import type { HttpParts } from '../http-parts.ts';
import { readModel, readQuery } from '../read-request.ts';
import { sendJson } from '../send.ts';
import { BudgetPolicyBody, BudgetPolicyTarget } from './budget-bodies.ts';
import { contextId, policyName } from './policy-name.ts';
import { operatorRoute, type Route } from './route.ts';

const UsageBody = z.strictObject({
  tool_id: policyName.optional(),
  scope_name: policyName.optional(),
  cost: UsdAmount,
  currency: z.literal('USD').default('USD'),
  request_id: contextId.optional(),
  run_id: contextId.optional(),
});
const UsageQuery = z.strictObject({ window: z.enum(WINDOWS).default('day') });

/** Budgets of the caller's tenant: how much may be spent, and what was. */
export function budgetRoutes(parts: HttpParts): Route[] {
  const { budgets, counters, ledger, reports, registry, decisions, bodyBytes } = parts;
  const shown = async (context: RequestContext, policy: BudgetPolicy) => {
    const { threshold_micro_usd, ...rest } = policy;
    const facts = { ...rest, threshold: toUsd(threshold_micro_usd), currency: 'USD' };
    // What is set for all tenants is counted by each of them.
    if (context.tenantId === SYSTEM_TENANT) return facts;
    const { spent, reserved } = await counters.read(budgets.counterOf(context, { policy, owner: context.tenantId }));
    return { ...facts, spent: toUsd(spent), reserved: toUsd(reserved) };
  };
  const routes: Route[] = [
    {
      method: 'get',
      path: '/budget/policy',
      handle: async ({ res, context }) => {
        const policies = await budgets.list(context);
        sendJson(res, 200, { policies: await Promise.all(policies.map((policy) => shown(context, policy))) });
      },
    },
    {
      method: 'put',
      path: '/budget/policy',
      handle: async ({ req, res, context }) => {
        const { threshold, currency: _currency, ...body } = await readModel(req, bodyBytes, BudgetPolicyBody);
        const stored = await budgets.set(context, {
          ...body,
          threshold_micro_usd: threshold,
          updated_by: context.actor.id,
          updated_at: new Date().toISOString(),
        });
        const warning =
          otherMode(context, stored) ?? fitsNothing(registry.current, stored.tool_id ? { muscle: stored.tool_id } : {});
        sendJson(res, 200, { ...(await shown(context, stored)), ...(warning && { warning }) });
      },
    },
    {
      method: 'delete',
      path: '/budget/policy',
      handle: async ({ res, context, url }) => {
        const removed = readQuery(url, BudgetPolicyTarget);
        await budgets.remove(context, removed);
        sendJson(res, 200, { deleted: true, ...removed });
      },
    },
    {
      method: 'post',
      path: '/budget/usage',
      handle: async ({ req, res, context }) => {
        const { cost, currency: _currency, ...body } = await readModel(req, bodyBytes, UsageBody);
        const { micro_usd, ...stored } = await reports.report(context, {
          ...body,
          ...(body.scope_name !== undefined && { scope_name: canonicalScope(registry.current, body.scope_name) }),
          micro_usd: cost,
        });
        sendJson(res, 201, { ...stored, cost: toUsd(micro_usd), currency: 'USD' });
      },
    },
    {
      method: 'get',
      path: '/budget/usage',
      handle: async ({ res, context, url }) => {
        const { window } = readQuery(url, UsageQuery);
        const { id: period, resetsAt } = periodOf(window, Date.now());
        const sums = sumByTool(await ledger.cells(budgetPartition(context), window));
        sendJson(res, 200, {
          ...{ window, period, currency: 'USD' },
          ...(resetsAt !== undefined && { resets_at: resetsAt }),
          ...sums,
        });
      },
    },
  ];
  return routes.map((route) => operatorRoute(route, decisions));
}

/** A mode's data may lie in an engine of its own, and then a policy that was set in another mode never meets it. */
function otherMode(context: RequestContext, { mode }: BudgetPolicy): string | undefined {
  return mode === undefined || mode === context.mode
    ? undefined
    : `Stored where ${context.mode} keeps its budgets; to hold for ${mode} for sure, set it with X-Mode: ${mode}.`;
}
