import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RequestContext } from '../identity/request-context.ts';
import { openEmbeddedStores, type EmbeddedStores } from '../stores/open-embedded-stores.ts';
import { DEFAULT_PRICES, PriceBook } from './budget/price-book.ts';
import { Plans, PlansFile } from './entitlement/plans.ts';
import { GateChain } from './gate-chain.ts';
import type { PolicyQuestion } from './gate.ts';
import { GATE_NAMES, gatesInOrder } from './gates-in-order.ts';
import { openPolicyStores, type PolicyStores } from './policy-stores.ts';

const PLANS = { small: { name: 'Small', scopes: ['other.*'] } };

/** The chain as it is shipped. Taking any gate out of the order file makes the test of that gate fail. */
let folder: string;
let engine: EmbeddedStores;
let stores: PolicyStores;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'northstar-gates-'));
  engine = await openEmbeddedStores(folder);
  const prices = new PriceBook(DEFAULT_PRICES);
  stores = openPolicyStores(engine.tabular, { prices, plans: new Plans(PlansFile.parse({ plans: PLANS })) });
});
afterEach(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

const CONTEXT: RequestContext = {
  requestId: 'req_1',
  mode: 'lab',
  tenantId: 't_a',
  projectId: 'p',
  actor: { type: 'user', id: 'u', roles: [] },
  issuer: 'none',
  transport: 'http',
};
const QUESTION: PolicyQuestion = {
  context: CONTEXT,
  action: 'demo.write',
  toolId: 'demo',
  effects: 'write',
  timeoutMs: 1000,
  toolDigest: 'tool',
  argumentDigest: 'args',
};
const by = { updated_by: 'u_op', updated_at: '2026-01-01T00:00:00Z' };

async function says(question = QUESTION): Promise<string> {
  const verdict = await new GateChain(gatesInOrder(stores)).decide(question);
  return verdict.allowed ? 'allow' : `${verdict.denial.gate}: ${verdict.denial.deny.code}`;
}

test('[POL-14] the names of the gates are those of the chain, in the order in which they speak', () => {
  expect(gatesInOrder(stores).map(({ name }) => name)).toEqual([...GATE_NAMES]);
});

test('[POL-14] without any policy the chain allows a call in lab', async () => {
  expect(await says()).toBe('allow');
});

test('[POL-14] the kill switch is in the chain', async () => {
  await stores.killSwitches.set({ target: 'all', id: '*', engaged: true, reason: 'drill', ...by });
  expect(await says()).toBe('kill_switch: kill_switch.engaged');
});

test('[POL-14] identity is in the chain', async () => {
  const context = { ...CONTEXT, issuer: 'https://issuer.example', tenants: ['t_b'], expiresAt: Date.now() + 60_000 };
  expect(await says({ ...QUESTION, context })).toBe('identity: identity.not_a_member');
});

test('[POL-14] firearms are in the chain', async () => {
  await stores.firearms.bind(CONTEXT, { tool_id: 'demo', scope_name: '*', license_types: ['lic'], ...by });
  expect(await says()).toBe('firearms: firearms.missing_grant');
});

test('[POL-14] the strategy lock is in the chain', async () => {
  await stores.lockPolicies.save(CONTEXT, { level: 'tenant', id: 't_a', action: '*', required: true, ...by });
  expect(await says()).toBe('strategy_lock: strategy_lock.required');
});

test('[POL-14] entitlement is in the chain', async () => {
  await stores.entitlements.assign(CONTEXT, 'small', 'u_op');
  expect(await says()).toBe('entitlement: entitlement.required');
});

test('[POL-14] the budget is in the chain', async () => {
  await stores.budgets.set(CONTEXT, { window: 'total', threshold_micro_usd: 0, ...by });
  expect(await says()).toBe('budget: budget.threshold_exceeded');
});

test('[POL-14] KPIs are in the chain', async () => {
  await stores.kpis.setCorridor(CONTEXT, { kpi_name: 'errors', ceiling: 1, ...by });
  await stores.kpis.measure(CONTEXT, { kpi_name: 'errors', value: 2, at: by.updated_at, reported_by: 'u' });
  await stores.kpis.bind(CONTEXT, { tool_id: 'demo', scope_name: '*', kpi_name: 'errors', ...by });
  expect(await says()).toBe('kpi: kpi.ceiling_breached');
});

test('[POL-14] the wider gate speaks first: a switched-off scope says so, licence or not', async () => {
  await stores.lockPolicies.save(CONTEXT, { level: 'tenant', id: 't_a', action: '*', required: true, ...by });
  await stores.firearms.bind(CONTEXT, { tool_id: 'demo', scope_name: '*', license_types: ['lic'], ...by });
  expect(await says()).toBe('firearms: firearms.missing_grant');
  await stores.killSwitches.set({ target: 'scope', id: 'demo.write', engaged: true, reason: 'drill', ...by });
  expect(await says()).toBe('kill_switch: kill_switch.engaged');
});
