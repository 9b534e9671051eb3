import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { codeOf, httpClient, type HttpCall } from './support/http-client.ts';
import { startIssuer, type Issuer } from './support/issuer.ts';
import { callTool } from './support/mcp-rpc.ts';
import { expectNoUnhandledRejections, startProbeHost, type ProbeHost } from './support/probe-host.ts';

expectNoUnhandledRejections();
const env = { NORTHSTAR_PLANS: join(import.meta.dirname, '../fixtures/plans.yaml') };
let host: ProbeHost;
let http: HttpCall;
let tenants = 0;
beforeAll(async () => {
  host = await startProbeHost({ env });
});
afterAll(() => host.close());
beforeEach(() => {
  http = httpClient(host.url, { ...host.headers, 'X-Tenant-Id': `t_plan-${(tenants += 1)}` });
});

const assign = async (plan: string): Promise<void> =>
  void expect((await http('/entitlements', { method: 'PUT', json: { plan } })).status).toBe(200);
const call = (scope: string, json: object = {}) => http(`/tools/${scope}`, { json });
const used = async () => ((await http('/entitlements')).json.quotas as { used: number }[])[0]?.used;

test('[ENT-01] in lab a tenant without a plan may call everything, and one with a plan what it holds', async () => {
  expect((await call('probe.facts')).status).toBe(200);
  await assign('starter');
  expect((await call('probe.echo')).status).toBe(200);
  const refused = await call('probe.facts');
  expect(refused).toMatchObject({
    status: 403,
    json: {
      error: {
        code: 'entitlement.required',
        gate: 'entitlement',
        details: { reason: 'scope_not_in_plan', plan: 'starter', required_plan: 'pro', action_name: 'probe.facts' },
      },
    },
  });
  for (const fact of ['starter', 'probe.facts', 'pro (Pro)', 'POST /billing/checkout-session'])
    expect(refused.json.error.message).toContain(fact);
  expect((await callTool(http, 'probe.facts')).rpc.error).toMatchObject({
    code: 403,
    data: { error: { code: 'entitlement.required', gate: 'entitlement', details: { required_plan: 'pro' } } },
  });
  const { records } = (await http('/audit?limit=100')).json as { records: { data: object }[] };
  expect(records.map(({ data }) => data)).toContainEqual(
    expect.objectContaining({ decision: 'deny', gate: 'entitlement', code: 'entitlement.required' }),
  );
  expect((await http('/entitlements', { method: 'DELETE' })).status).toBe(200);
  expect((await call('probe.facts')).status).toBe(200);
  expect(codeOf(await http('/entitlements', { method: 'DELETE' }))).toBe('entitlement.not_assigned');
});

test('[ENT-01] the plan is asked before the firearms', async () => {
  await assign('starter');
  const json = { tool_id: 'probe', scope_name: '*', license_types: ['lic'] };
  await http('/firearms/bindings', { method: 'PUT', json });
  expect(codeOf(await call('probe.facts'))).toBe('entitlement.required');
  expect(codeOf(await call('probe.echo'))).toBe('firearms.missing_grant');
});

test('[ENT-02] of many calls at once exactly as many run as the quota holds', async () => {
  await assign('starter');
  const answers = await Promise.all(Array.from({ length: 20 }, () => call('probe.echo')));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
  const refused = answers.find(({ status }) => status === 403)!;
  expect(refused.json.error).toMatchObject({
    code: 'entitlement.required',
    details: { reason: 'quota_used_up', window: 'day', quota_calls: 3, used_calls: 3, required_plan: 'pro' },
  });
  await vi.waitFor(async () => expect(await used()).toBe(3));
});

test('[ENT-02] a call that fails counts, one that never ran does not, and a bigger plan keeps the count', async () => {
  await assign('starter');
  await call('probe.crash');
  await call('probe.echo', { marker: 7 });
  await call('probe.echo');
  await http('/kpi/bindings', { method: 'PUT', json: { tool_id: 'probe', scope_name: 'probe.echo', kpi_name: 'k' } });
  await http('/kpi/corridors', { method: 'PUT', json: { kpi_name: 'k', ceiling: 1 } });
  await http('/kpi/measurements', { json: { kpi_name: 'k', value: 2 } });
  // A gate behind this one refuses: nothing ran.
  expect(codeOf(await call('probe.echo'))).toBe('kpi.ceiling_breached');
  await vi.waitFor(async () => expect(await used()).toBe(2));
  await assign('pro');
  expect(await used()).toBe(2);
});

test('[ENT-02] a quota may count some scopes only', async () => {
  await assign('pro');
  expect((await call('probe.facts')).status).toBe(200);
  expect((await call('probe.facts')).status).toBe(200);
  expect(codeOf(await call('probe.facts'))).toBe('entitlement.required');
  expect((await call('probe.echo')).status).toBe(200);
});

test('[ENT-03] a completed checkout takes effect on the next call, and completes once', async () => {
  await assign('starter');
  expect(codeOf(await call('probe.facts'))).toBe('entitlement.required');
  const opened = await http('/billing/checkout-session', { json: { plan: 'pro' } });
  expect(opened).toMatchObject({ status: 201, json: { status: 'open', plan: 'pro', provider: 'local' } });
  expect(codeOf(await call('probe.facts'))).toBe('entitlement.required');
  const { url, session_id } = opened.json as { url: string; session_id: string };
  expect(await http(url, { method: 'POST' })).toMatchObject({ status: 200, json: { status: 'completed' } });
  expect((await call('probe.facts')).status).toBe(200);
  expect((await http(`/billing/checkout-session/${session_id}`)).json).toMatchObject({ status: 'completed' });
  expect(codeOf(await http(url, { method: 'POST' }))).toBe('billing.session_closed');
  expect((await http('/entitlements')).json).toMatchObject({ plan: 'pro', scopes: ['probe.*'] });
});

test('[ENT-03] unknown plans and sessions are refused by name', async () => {
  const unknown = { json: { plan: 'gold' } };
  expect(codeOf(await http('/billing/checkout-session', unknown))).toBe('entitlement.unknown_plan');
  const answer = await http('/entitlements', { method: 'PUT', ...unknown });
  expect(answer.json.error).toMatchObject({ code: 'entitlement.unknown_plan', http_status: 400 });
  expect(answer.json.error.message).toContain('starter, pro, all');
  expect(codeOf(await http('/billing/checkout-session/cs_none'))).toBe('billing.session_not_found');
  expect(codeOf(await http('/billing/checkout-session/cs_none/complete', { method: 'POST' }))).toBe(
    'billing.session_not_found',
  );
});

test('[ENT-04] any caller sees what its own tenant has, and the plans there are', async () => {
  await assign('starter');
  expect((await http('/entitlements')).json).toMatchObject({
    plan: 'starter',
    scopes: ['probe.echo', 'probe.crash'],
    quotas: [{ window: 'day', calls: 3, used: 0 }],
    plans: [{ plan: 'starter' }, { plan: 'pro', price_per_month: 20, currency: 'USD' }, { plan: 'all' }],
  });
});

describe('where callers authenticate', () => {
  let issuer: Issuer;
  let guarded: ProbeHost;
  const as = async (tenant_id: string, ...roles: string[]): Promise<HttpCall> => {
    const authorization = `Bearer ${await issuer.sign({ tenant_id, roles })}`;
    return httpClient(guarded.url, { authorization, 'x-mode': 'lab', 'x-project-id': 'p_one' });
  };
  beforeAll(async () => {
    issuer = await startIssuer();
    guarded = await startProbeHost({ env: { ...env, ...issuer.env } });
  });
  afterAll(async () => {
    await guarded.close();
    await issuer.close();
  });

  test('[ENT-04] only an operator of the system tenant assigns plans and confirms payments', async () => {
    const [system, operator, user] = [
      await as('t_system', 'operator'),
      await as('t_acme', 'operator'),
      await as('t_acme'),
    ];
    const put = { method: 'PUT', json: { plan: 'all', tenant_id: 't_acme' } };
    for (const caller of [operator, user]) {
      expect(codeOf(await caller('/entitlements', put))).toBe('identity.operator_required');
      expect(codeOf(await caller('/entitlements', { method: 'DELETE' }))).toBe('identity.operator_required');
    }
    expect(codeOf(await user('/billing/checkout-session', { json: { plan: 'all' } }))).toBe(
      'identity.operator_required',
    );
    const opened = await operator('/billing/checkout-session', { json: { plan: 'all' } });
    const { url, session_id } = opened.json as { url: string; session_id: string };
    for (const caller of [operator, user])
      expect(codeOf(await caller(url, { method: 'POST' }))).toBe('identity.operator_required');
    const other = await as('t_other', 'operator');
    expect(codeOf(await other(`/billing/checkout-session/${session_id}`))).toBe('billing.session_not_found');
    expect((await operator('/entitlements')).json.plan).toBeNull();
    expect((await system(url, { method: 'POST' })).status).toBe(200);
    expect((await operator('/entitlements')).json.plan).toBe('all');
  });

  test.each([
    ['GET', '/budget/policy'],
    ['PUT', '/budget/policy'],
    ['DELETE', '/budget/policy?window=day'],
    ['GET', '/budget/usage'],
    ['POST', '/budget/usage'],
    ['GET', '/kpi/definitions'],
    ['PUT', '/kpi/corridors'],
    ['POST', '/kpi/measurements'],
    ['PUT', '/kpi/bindings'],
    ['DELETE', '/kpi/bindings?tool_id=a&scope_name=a&kpi_name=a'],
  ])('[ENT-04] %s %s is for operators', async (method, path) => {
    const user = await as('t_acme');
    const body = method === 'GET' || method === 'DELETE' ? {} : { json: {} };
    expect(codeOf(await user(path, { method, ...body }))).toBe('identity.operator_required');
  });
});
