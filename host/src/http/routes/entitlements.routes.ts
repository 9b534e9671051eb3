import { z } from 'zod';
import { unknownPlan } from '../../billing/checkout-desk.ts';
import { TENANT_PATTERN } from '../../identity/identity-fields.ts';
import { planIdOf } from '../../policy/entitlement/entitlement-store.ts';
import type { EntitlementPlan } from '../../policy/entitlement/plans.ts';
import { quotaStandings, usedCalls } from '../../policy/entitlement/quotas.ts';
import { toUsd } from '../../policy/budget/usd.ts';
import { periodOf } from '../../policy/counter/window.ts';
import type { HttpParts } from '../http-parts.ts';
import { readModel, readQuery } from '../read-request.ts';
import { sendJson } from '../send.ts';
import { assertSystemReach } from './assert-reach.ts';
import { operatorRoute, type Route } from './route.ts';

const tenant = z.string().max(64).regex(TENANT_PATTERN, 'must match ^t_[a-z0-9_-]+$');
const AssignmentBody = z.strictObject({ tenant_id: tenant.optional(), plan: z.string().min(1).max(64) });
const AssignmentQuery = z.strictObject({ tenant_id: tenant.optional() });
const CheckoutBody = z.strictObject({ plan: z.string().min(1).max(64) });

/** Plans: what the caller's tenant may use, assigning one, and buying one. */
export function entitlementRoutes(parts: HttpParts): Route[] {
  const { auth, bodyBytes, checkout, counters, decisions, entitlements, plans } = parts;
  const own: Route = {
    method: 'get',
    path: '/entitlements',
    handle: async ({ res, context }) => {
      const assignment = await entitlements.assignmentOf(context);
      const plan = assignment && plans.get(planIdOf(assignment));
      const standings = plan ? await quotaStandings(counters, context, plan.quotas) : [];
      sendJson(res, 200, {
        tenant_id: context.tenantId,
        plan: assignment ? planIdOf(assignment) : null,
        scopes: plan?.scopes ?? [],
        quotas: standings.map(({ quota, reading }) => {
          const { id: period, resetsAt } = periodOf(quota.window, Date.now());
          return {
            ...{ window: quota.window, period, scopes: quota.scopes, calls: quota.calls, used: usedCalls(reading) },
            ...(resetsAt !== undefined && { resets_at: resetsAt }),
          };
        }),
        plans: plans.all.map(offer),
      });
    },
  };
  const session: Route = {
    method: 'get',
    path: '/billing/checkout-session/:session_id',
    handle: async ({ res, context, params }) =>
      sendJson(res, 200, await checkout.get(context, params.session_id ?? '')),
  };
  const routes: Route[] = [
    {
      method: 'put',
      path: '/entitlements',
      handle: async ({ req, res, context }) => {
        assertSystemReach(auth, context, 'Plans decide what tenants may use');
        const { tenant_id = context.tenantId, plan } = await readModel(req, bodyBytes, AssignmentBody);
        if (plans.get(plan) === undefined) throw unknownPlan(plans, plan);
        const audience = { tenantId: tenant_id, mode: context.mode };
        sendJson(res, 200, await entitlements.assign(audience, plan, context.actor.id));
      },
    },
    {
      method: 'delete',
      path: '/entitlements',
      handle: async ({ res, context, url }) => {
        assertSystemReach(auth, context, 'Plans decide what tenants may use');
        const { tenant_id = context.tenantId } = readQuery(url, AssignmentQuery);
        await entitlements.withdraw({ tenantId: tenant_id, mode: context.mode });
        sendJson(res, 200, { deleted: true, tenant_id });
      },
    },
    {
      method: 'post',
      path: '/billing/checkout-session',
      handle: async ({ req, res, context }) => {
        const { plan } = await readModel(req, bodyBytes, CheckoutBody);
        sendJson(res, 201, await checkout.open(context, plan));
      },
    },
    {
      method: 'post',
      path: '/billing/checkout-session/:session_id/complete',
      handle: async ({ res, context, params }) => {
        const id = params.session_id ?? '';
        if (checkout.confirmedByOperator)
          assertSystemReach(auth, context, 'The local billing provider takes the word of the operator for a payment');
        else await checkout.get(context, id);
        sendJson(res, 200, await checkout.complete(context, id));
      },
    },
  ];
  return [own, session, ...routes.map((route) => operatorRoute(route, decisions))];
}

function offer({ id, name, description, price_per_month, scopes, quotas }: EntitlementPlan) {
  return {
    ...{ plan: id, name, description, price_per_month: toUsd(price_per_month), currency: 'USD', scopes },
    quotas: quotas.map(({ window, calls, scopes: counted }) => ({ window, calls, scopes: counted })),
  };
}
