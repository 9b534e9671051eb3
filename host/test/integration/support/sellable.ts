import { join } from 'node:path';
import { expect } from 'vitest';
import { ROOT } from '../../acceptance/repository.ts';
import type { HttpCall } from './http-client.ts';

/** Environment of a host whose tenants can be given a plan. */
export const WITH_PLANS = { NORTHSTAR_PLANS: join(ROOT, 'registry-data/plans.yaml') };

/**
 * Gives a tenant what saas and enterprise run nothing without: a plan and a budget. Both callers speak in that mode;
 * `system` is an operator of the system tenant.
 */
export async function allowSellable(system: HttpCall, tenant: HttpCall, tenantId: string): Promise<void> {
  const plan = await system('/entitlements', { method: 'PUT', json: { tenant_id: tenantId, plan: 'unlimited' } });
  const budget = await tenant('/budget/policy', {
    method: 'PUT',
    json: { window: 'month', threshold: 1000, currency: 'USD' },
  });
  expect({ status: plan.status, text: plan.text }).toMatchObject({ status: 200 });
  expect({ status: budget.status, text: budget.text }).toMatchObject({ status: 200 });
}
