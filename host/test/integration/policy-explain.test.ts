import { execFile } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { NORTHSTAR, ROOT } from '../acceptance/repository.ts';
import { codeOf, httpClient, type HttpCall } from './support/http-client.ts';
import { startIssuer, type Issuer } from './support/issuer.ts';
import { modern } from './support/mcp-rpc.ts';
import { expectNoUnhandledRejections, startProbeHost, type ProbeHost } from './support/probe-host.ts';

let host: ProbeHost;
let issuer: Issuer;
let caller: HttpCall;
let operator: HttpCall;
let index = 0;
expectNoUnhandledRejections();
beforeAll(async () => {
  issuer = await startIssuer();
  host = await startProbeHost({ env: { ...issuer.env, NORTHSTAR_LISTED_TOOLS: 'callable' } });
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

const sign = (claims: Record<string, unknown>) =>
  issuer.sign({ tenant_id: `t_ex_${index}`, mode: 'lab', project_id: 'p', ...claims });
async function as(claims: Record<string, unknown>): Promise<HttpCall> {
  return httpClient(host.url, { Authorization: `Bearer ${await sign(claims)}` });
}
const explain = async (by: HttpCall, json: object) => (await by('/policy/explain', { json })).json;
const bind = (scope_name: string) =>
  operator('/firearms/bindings', { method: 'PUT', json: { tool_id: 'probe', scope_name, license_types: ['lic'] } });
const lock = () =>
  operator('/strategy-lock/policy', { method: 'PUT', json: { level: 'tenant', action: 'probe.echo', required: true } });
const listed = async (by: HttpCall): Promise<string[]> =>
  (await modern(by, 'tools/list')).rpc.result.tools.map((tool: { _meta: { scope: string } }) => tool._meta.scope);

test('[POL-12] explain tells the verdict of each gate in order, and stops where the call would', async () => {
  const open = await explain(operator, { action: 'probe.echo', arguments: {} });
  expect(open.decision).toBe('allow');
  expect(open.gates.every(({ verdict }: { verdict: string }) => verdict === 'allow')).toBe(true);
  await bind('probe.echo');
  const denied = await explain(operator, { action: 'probe_echo', arguments: {} });
  expect(denied).toMatchObject({ action: 'probe.echo', decision: 'deny', code: 'firearms.missing_grant' });
  const verdicts = Object.fromEntries(
    denied.gates.map(({ gate, verdict }: { gate: string; verdict: string }) => [gate, verdict]),
  );
  expect(verdicts).toMatchObject({
    kill_switch: 'allow',
    identity: 'allow',
    firearms: 'deny',
    strategy_lock: 'not_reached',
  });
  expect(denied.gates.find(({ gate }: { gate: string }) => gate === 'firearms').record).toMatchObject({
    kind: 'firearms_binding',
    value: { scope_name: 'probe.echo', license_types: ['lic'] },
  });
  expect(denied.policy_version).not.toBe(open.policy_version);
});

test('[POL-12] explain says what the live call then says, in the same words', async () => {
  await lock();
  const told = await explain(caller, { action: 'probe.echo', arguments: { marker: 'x' } });
  const { error } = (await caller('/tools/probe.echo', { json: { marker: 'x' } })).json;
  expect(told).toMatchObject({ code: error.code, message: error.message, details: error.details, gate: error.gate });
});

test('[POL-12] explain writes, takes and records nothing', async () => {
  await lock();
  const { details } = await explain(caller, { action: 'probe.echo', arguments: { marker: 'y' } });
  expect((await operator('/strategy-lock/approvals')).json.approvals).toEqual([]);
  await caller('/tools/probe.echo', { json: { marker: 'y' } });
  await operator(`/strategy-lock/approvals/${details.lock_id}`, { json: { decision: 'approve' } });
  const before = (await operator('/audit?limit=1000')).json.records.length;
  for (let turn = 0; turn < 3; turn++)
    expect(await explain(caller, { action: 'probe.echo', arguments: { marker: 'y' } })).toMatchObject({
      decision: 'allow',
    });
  expect((await operator('/audit?limit=1000')).json.records.length).toBe(before);
  expect((await caller('/tools/probe.echo', { json: { marker: 'y' } })).status).toBe(200);
});

test('[POL-12] what gates read is told to operators only', async () => {
  await bind('probe.echo');
  const told = await explain(caller, { action: 'probe.echo', arguments: {} });
  expect(told.decision).toBe('deny');
  expect(JSON.stringify(told)).not.toContain('updated_by');
  expect(JSON.stringify(await explain(operator, { action: 'probe.echo', arguments: {} }))).toContain('updated_by');
});

test('[POL-12] arguments that do not fit are a denial before any gate, and none given is a question about the scope', async () => {
  expect(await explain(operator, { action: 'probe.thing', arguments: { thing_id: 7 } })).toMatchObject({
    decision: 'deny',
    code: 'validation.failed',
    gates: expect.arrayContaining([{ gate: 'kill_switch', verdict: 'not_reached' }]),
  });
  expect(await explain(operator, { action: 'probe.thing' })).toMatchObject({ decision: 'allow' });
});

test('[POL-12] explain knows prompts and resources, and says so when it knows nothing', async () => {
  expect(await explain(operator, { action: 'probe.greet', arguments: { who: 'Ann' } })).toMatchObject({
    decision: 'allow',
  });
  expect(await explain(operator, { action: 'probe.status' })).toMatchObject({ decision: 'allow' });
  expect(codeOf(await operator('/policy/explain', { json: { action: 'probe.ecko' } }))).toBe('scope.not_found');
});

test('[POL-12] northstar policy explain prints the explanation, and ends with 1 when the call would be denied', async () => {
  const run = async (...args: string[]) => {
    const env = {
      PATH: process.env.PATH,
      NORTHSTAR_TOKEN: await sign({ sub: 'u_op', project_id: 'p_lab', roles: ['operator'] }),
    };
    return new Promise<{ status: number; stdout: string; stderr: string }>((resolve) =>
      execFile(
        process.execPath,
        [NORTHSTAR, 'policy', 'explain', 'probe.echo', '--url', host.url, ...args],
        { cwd: ROOT, env },
        (error, stdout, stderr) =>
          resolve({ status: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
      ),
    );
  };
  const open = await run('--json', '{"marker":"z"}');
  expect(open.stderr).toBe('');
  expect({ status: open.status, answer: JSON.parse(open.stdout) }).toMatchObject({
    status: 0,
    answer: { action: 'probe.echo', decision: 'allow' },
  });
  await bind('probe.echo');
  const denied = await run('--json', '{"marker":"z"}');
  expect({ status: denied.status, answer: JSON.parse(denied.stdout) }).toMatchObject({
    status: 1,
    answer: { decision: 'deny', code: 'firearms.missing_grant' },
  });
  expect(denied.stderr).toContain('firearms.missing_grant');
});

test('[POL-13] where the operator chose so, tools/list leaves out what the caller can never call', async () => {
  expect(await listed(caller)).toContain('probe.echo');
  await bind('probe.echo');
  await operator('/strategy-lock/policy', {
    method: 'PUT',
    json: { level: 'tenant', action: 'probe.thing', required: true },
  });
  const names = await listed(caller);
  expect(names).not.toContain('probe.echo');
  // What an approval can open stays listed, and so does what needs arguments.
  expect(names).toContain('probe.thing');
  expect(codeOf(await caller('/tools/probe.echo', { json: {} }))).toBe('firearms.missing_grant');
  const grant = { license_type: 'lic', subject_type: 'user', subject_id: 'u_asks' };
  await operator('/firearms/grants', { json: grant });
  expect(await listed(caller)).toContain('probe.echo');
});

test('[POL-13] a host lists everything unless the operator says otherwise', async () => {
  const plain = await startProbeHost({ env: issuer.env });
  try {
    const token = await sign({ sub: 'u_op', roles: ['operator'] });
    const http = httpClient(plain.url, { Authorization: `Bearer ${token}` });
    await http('/firearms/bindings', {
      method: 'PUT',
      json: { tool_id: 'probe', scope_name: '*', license_types: ['l'] },
    });
    expect(await listed(http)).toContain('probe.echo');
  } finally {
    await plain.close();
  }
});
