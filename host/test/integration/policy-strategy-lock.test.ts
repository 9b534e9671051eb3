import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { codeOf, httpClient, type HttpCall } from './support/http-client.ts';
import { startIssuer, type Issuer } from './support/issuer.ts';
import { callTool } from './support/mcp-rpc.ts';
import { expectNoUnhandledRejections, startProbeHost, type ProbeHost } from './support/probe-host.ts';

let host: ProbeHost;
let issuer: Issuer;
let caller: HttpCall;
let operator: HttpCall;
let index = 0;
expectNoUnhandledRejections();
beforeAll(async () => {
  issuer = await startIssuer();
  host = await startProbeHost({ env: issuer.env });
});
beforeEach(async () => {
  index++;
  caller = await as({ sub: 'u_asks' });
  operator = await as({ sub: 'u_op', roles: ['operator'] });
});
afterAll(async () => {
  await host.close();
  await issuer.close();
});

async function as(claims: Record<string, unknown>): Promise<HttpCall> {
  const token = await issuer.sign({ tenant_id: `t_sl_${index}`, mode: 'lab', project_id: 'p', ...claims });
  return httpClient(host.url, { Authorization: `Bearer ${token}` });
}
const require = (json: object = {}) =>
  operator('/strategy-lock/policy', {
    method: 'PUT',
    json: { level: 'tenant', action: 'probe.echo', required: true, ...json },
  });
const echo = (marker: string, by = caller) => by('/tools/probe.echo', { json: { marker } });
const decide = (id: string, decision = 'approve', by = operator) =>
  by(`/strategy-lock/approvals/${id}`, { json: { decision } });

test('[LOCK-06] a locked call is refused with its lock_id, and runs once when an operator has approved it', async () => {
  expect((await require()).status).toBe(200);
  const refused = await echo('a');
  expect({ status: refused.status, error: refused.json.error }).toMatchObject({
    status: 403,
    error: { code: 'strategy_lock.required', gate: 'strategy_lock', details: { status: 'pending' } },
  });
  const { lock_id } = refused.json.error.details;
  expect(refused.json.error.message).toContain(`/strategy-lock/approvals/${lock_id}`);
  expect((await callTool(caller, 'probe_echo', { marker: 'a' })).rpc.error.data.error.details.lock_id).toBe(lock_id);
  const waiting = (await operator('/strategy-lock/approvals?status=pending')).json.approvals;
  expect(waiting).toMatchObject([{ lock_id, action: 'probe.echo', requested_by: { type: 'user', id: 'u_asks' } }]);
  expect((await decide(lock_id)).json).toMatchObject({ status: 'approved', decided_by: 'u_op' });
  expect(codeOf(await echo('b'))).toBe('strategy_lock.required');
  expect((await echo('a')).status).toBe(200);
  expect(codeOf(await echo('a'))).toBe('strategy_lock.required');
});

test('[LOCK-06] 100 calls that race for one approval run one handler', async () => {
  await require();
  const { lock_id } = (await echo('race')).json.error.details;
  await decide(lock_id);
  const answers = await Promise.all(Array.from({ length: 100 }, () => echo('race')));
  const codes = answers.map((answer) => codeOf(answer) ?? 'ok').sort();
  expect(codes).toEqual(['ok', ...Array.from({ length: 99 }, () => 'strategy_lock.required')]);
});

test('[LOCK-06] a caller that is no operator can neither decide nor see nor change anything', async () => {
  await require();
  const { lock_id } = (await echo('own')).json.error.details;
  const tries = [
    await decide(lock_id, 'approve', caller),
    await caller('/strategy-lock/approvals'),
    await caller('/strategy-lock/policy'),
    await caller('/strategy-lock/policy', { method: 'PUT', json: { level: 'tenant', action: '*', required: false } }),
    await caller('/strategy-lock/policy?level=tenant&action=probe.echo', { method: 'DELETE' }),
  ];
  expect(tries.map(codeOf)).toEqual(tries.map(() => 'identity.operator_required'));
  expect(codeOf(await echo('own'))).toBe('strategy_lock.required');
});

test('[LOCK-06] a call that its caller asks to validate only is no call: wrong arguments open no request', async () => {
  await require({ action: 'probe.thing' });
  expect(codeOf(await caller('/tools/probe.thing', { json: { thing_id: 7 } }))).toBe('validation.failed');
  expect((await operator('/strategy-lock/approvals')).json.approvals).toEqual([]);
});

test('[LOCK-06] policies are listed, and removing one unlocks the action', async () => {
  await require({ action: 'probe_echo' });
  const { policies } = (await operator('/strategy-lock/policy')).json;
  expect(policies).toMatchObject([{ level: 'tenant', id: `t_sl_${index}`, action: 'probe.echo', required: true }]);
  expect(codeOf(await echo('x'))).toBe('strategy_lock.required');
  const gone = await operator('/strategy-lock/policy?level=tenant&action=probe.echo', { method: 'DELETE' });
  expect(gone.status).toBe(200);
  expect((await echo('x')).status).toBe(200);
  const again = await operator('/strategy-lock/policy?level=tenant&action=probe.echo', { method: 'DELETE' });
  expect({ status: again.status, code: codeOf(again) }).toEqual({ status: 404, code: 'lock_policy.not_found' });
});

test('[LOCK-06] policy of the system holds for every tenant, and only its operators set it', async () => {
  const json = { level: 'system', action: 'probe.facts', required: true };
  expect(codeOf(await operator('/strategy-lock/policy', { method: 'PUT', json }))).toBe('identity.operator_required');
  const root = await as({ sub: 'u_root', tenant_id: 't_system', roles: ['operator'] });
  expect((await root('/strategy-lock/policy', { method: 'PUT', json })).status).toBe(200);
  try {
    expect(codeOf(await caller('/tools/probe.facts', { json: {} }))).toBe('strategy_lock.required');
  } finally {
    await root('/strategy-lock/policy?level=system&action=probe.facts', { method: 'DELETE' });
  }
});

test.each([
  { level: 'surface', action: 'a', required: true },
  { level: 'node', action: 'a', required: true },
  { level: 'planet', action: 'a', required: true },
  { level: 'tenant', action: '', required: true },
  { level: 'tenant', action: 'a' },
  { level: 'tenant', action: 'a', required: 'yes' },
  { level: 'tenant', action: 'a', required: true, typo: 1 },
])('[LOCK-06] the policy %o is refused', async (json) => {
  const answer = await operator('/strategy-lock/policy', { method: 'PUT', json });
  expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 400, code: 'request.invalid' });
});

test.each([
  { json: { decision: 'maybe' }, code: 'request.invalid' },
  { json: { decision: 'approve', expires_at: '2001-01-01T00:00:00Z' }, code: 'request.invalid' },
  { json: { decision: 'approve' }, code: 'approval.not_found' },
])('[LOCK-06] the decision $json on an unknown lock is $code', async ({ json, code }) => {
  expect(codeOf(await operator('/strategy-lock/approvals/lock_unknown', { json }))).toBe(code);
});

test('[LOCK-06] what a finer question of a handler takes is used up with its call', async () => {
  await require({ action: 'probe.finer' });
  const ask = () => caller('/tools/probe.ask_gate', { json: { action: 'probe.finer', subject_id: 's' } });
  const refused = await ask();
  expect(codeOf(refused)).toBe('strategy_lock.required');
  await decide(refused.json.error.details.lock_id);
  expect((await ask()).status).toBe(200);
  expect(codeOf(await ask())).toBe('strategy_lock.required');
});
