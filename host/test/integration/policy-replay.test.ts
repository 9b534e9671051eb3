import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeOf, httpClient, type HttpCall } from './support/http-client.ts';
import { startIssuer, type Issuer } from './support/issuer.ts';
import { expectNoUnhandledRejections, startProbeHost, type ProbeHost } from './support/probe-host.ts';

const NORTHSTAR_PLANS = join(import.meta.dirname, '../fixtures/plans.yaml');
let host: ProbeHost;
let issuer: Issuer;
let caller: HttpCall;
let operator: HttpCall;
expectNoUnhandledRejections();
beforeAll(async () => {
  issuer = await startIssuer();
  host = await startProbeHost({ env: { ...issuer.env, NORTHSTAR_PLANS } });
  const as = async (claims: Record<string, unknown>): Promise<HttpCall> => {
    const token = await issuer.sign({ tenant_id: 't_replay', mode: 'lab', project_id: 'p', ...claims });
    return httpClient(host.url, { Authorization: `Bearer ${token}` });
  };
  caller = await as({ sub: 'u_calls', roles: ['writer'] });
  operator = await as({ sub: 'u_op', roles: ['operator'] });
  const bound = { tool_id: 'probe', scope_name: 'probe.plain', license_types: ['lic'] };
  await operator('/firearms/bindings', { method: 'PUT', json: bound });
  await caller('/tools/probe.echo', { json: {}, headers: { 'X-Request-Id': 'req_open' } });
  await caller('/tools/probe.plain', { json: {}, headers: { 'X-Request-Id': 'req_bound' } });
  await caller('/tools/probe.thing', { json: { thing_id: 7 } });
});
afterAll(async () => {
  await host.close();
  await issuer.close();
});

const replay = async (json: object = {}) => (await operator('/policy/replay', { json: { limit: 1000, ...json } })).json;

test('[POL-16] under unchanged policy nothing would come out differently', async () => {
  expect(await replay()).toMatchObject({ replayed: 2, same: 2, differences: [], more: false });
});

test('[POL-16] a change in question is shown by the calls that it would have decided otherwise, and changes nothing', async () => {
  const overrides = {
    bindings: [{ tool_id: '*', scope_name: '*', license_types: ['lic.new'] }],
    grants: [
      { license_type: 'lic', subject_type: 'role', subject_id: 'writer' },
      { license_type: 'lic.new', subject_type: 'user', subject_id: 'u_else' },
    ],
  };
  const { differences } = await replay({ overrides });
  expect(differences).toMatchObject([
    {
      request_id: 'req_open',
      action: 'probe.echo',
      actor_id: 'u_calls',
      recorded: { decision: 'allow' },
      now: { decision: 'deny', code: 'firearms.missing_grant', gate: 'firearms' },
    },
  ]);
  const granted = { grants: overrides.grants.slice(0, 1) };
  expect((await replay({ overrides: granted })).differences).toMatchObject([
    { request_id: 'req_bound', recorded: { decision: 'deny' }, now: { decision: 'allow' } },
  ]);
  expect((await caller('/tools/probe.echo', { json: {} })).status).toBe(200);
  expect((await operator('/firearms/grants')).json.grants).toEqual([]);
});

test('[POL-16] locks and switches can be in question as well', async () => {
  const lock_policies = [{ level: 'tenant', id: 't_replay', action: 'probe.echo', required: true }];
  const locked = await replay({ overrides: { lock_policies } });
  expect(locked.differences[0]).toMatchObject({ request_id: 'req_open', now: { code: 'strategy_lock.required' } });
  const kill_switches = [{ target: 'muscle', id: 'probe', engaged: true }];
  const switched = await replay({ overrides: { kill_switches } });
  const codes = switched.differences.map(({ now }: { now: { code: string } }) => now.code);
  expect(new Set(codes)).toEqual(new Set(['kill_switch.engaged']));
  expect((await operator('/strategy-lock/approvals')).json.approvals).toEqual([]);
});

/** What would now be said to the call that was allowed; undefined for the same as then. */
async function openCallUnder(overrides: object): Promise<string | undefined> {
  const { differences } = await replay({ overrides });
  return differences.find(({ request_id }: { request_id: string }) => request_id === 'req_open')?.now.code;
}

test('[POL-16] plans, budgets and KPIs can be in question as well', async () => {
  expect(await openCallUnder({ plan: 'starter' })).toBeUndefined();
  const unaffordable = { tool_id: 'probe', window: 'total', threshold: 0 };
  expect(await openCallUnder({ budget_policies: [unaffordable] })).toBe('budget.threshold_exceeded');
  const kpi_name = 'error_rate';
  const breach = {
    kpi_corridors: [{ kpi_name, ceiling: 0.05 }],
    kpi_measurements: [{ kpi_name, value: 0.5 }],
    kpi_bindings: [{ kpi_name, tool_id: 'probe', scope_name: 'probe_echo' }],
  };
  expect(await openCallUnder(breach)).toBe('kpi.ceiling_breached');
  const { differences } = await replay({ overrides: { plan: 'starter' } });
  expect(differences).toMatchObject([{ request_id: 'req_bound', now: { code: 'entitlement.required' } }]);
  expect((await operator('/budget/policy')).json.policies).toEqual([]);
  expect((await operator('/kpi/bindings')).json.bindings).toEqual([]);
});

test.each([
  { bindings: [{ tool_id: 'probe', scope_name: 'probe_echo', license_types: ['lic.new'] }] },
  { lock_policies: [{ level: 'tenant', id: 't_replay', action: 'probe_echo', required: true }] },
  { kill_switches: [{ target: 'scope', id: 'probe_echo', engaged: true }] },
])('[POL-16] a change may name a scope as clients do: %j', async (overrides) => {
  expect(await openCallUnder(overrides)).toBeDefined();
});

test('[POL-16] what is in force can be taken away in question', async () => {
  const budget = { tool_id: 'probe', window: 'total' };
  const bound = { tool_id: 'probe', scope_name: 'probe.echo', kpi_name: 'latency' };
  await operator('/budget/policy', { method: 'PUT', json: { ...budget, threshold: 0 } });
  await operator('/kpi/bindings', { method: 'PUT', json: bound });
  await operator('/kpi/corridors', { method: 'PUT', json: { kpi_name: 'latency', ceiling: 1 } });
  await operator('/kpi/measurements', { json: { kpi_name: 'latency', value: 9 } });
  expect(await openCallUnder({})).toBe('budget.threshold_exceeded');
  const removed_budget_policies = [budget];
  expect(await openCallUnder({ removed_budget_policies })).toBe('kpi.ceiling_breached');
  expect(await openCallUnder({ removed_budget_policies, removed_kpi_bindings: [bound], plan: null })).toBeUndefined();
});

test('[POL-16] replay is for operators, and refuses what it does not know', async () => {
  expect(codeOf(await caller('/policy/replay', { json: {} }))).toBe('identity.operator_required');
  expect(codeOf(await operator('/policy/replay', { json: { overrides: { budgets: [] } } }))).toBe('request.invalid');
  expect(codeOf(await operator('/policy/replay', { json: { overrides: { plan: 'p_none' } } }))).toBe(
    'entitlement.unknown_plan',
  );
});
