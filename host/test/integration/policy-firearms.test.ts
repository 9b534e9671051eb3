import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { codeOf, httpClient, type HttpCall } from './support/http-client.ts';
import { startIssuer, type Issuer } from './support/issuer.ts';
import { callTool, modern } from './support/mcp-rpc.ts';
import { expectNoUnhandledRejections, startProbeHost, type ProbeHost } from './support/probe-host.ts';

let host: ProbeHost;
let http: HttpCall;
let system: HttpCall;
let issuer: Issuer;
let index = 0;
expectNoUnhandledRejections();
beforeAll(async () => {
  issuer = await startIssuer();
  host = await startProbeHost({ env: issuer.env });
});
beforeEach(async () => {
  http = await as(`t_pol_${++index}`, { sub: 'u_op', roles: ['operator'] });
  system = await as('t_system', { sub: 'u_root', roles: ['operator'] });
});
afterAll(async () => {
  await host.close();
  await issuer.close();
});

async function as(tenant: string, claims: Record<string, unknown>): Promise<HttpCall> {
  const token = await issuer.sign({ tenant_id: tenant, mode: 'lab', project_id: 'p', ...claims });
  return httpClient(host.url, { Authorization: `Bearer ${token}` });
}
const tenant = (): string => `t_pol_${index}`;
const bind = (by: HttpCall, scope_name: string, ...license_types: string[]) =>
  by('/firearms/bindings', { method: 'PUT', json: { tool_id: 'probe', scope_name, license_types } });
const unbind = (by: HttpCall, scope: string) =>
  by(`/firearms/bindings?tool_id=probe&scope_name=${encodeURIComponent(scope)}`, { method: 'DELETE' });
const grant = (by: HttpCall, license_type: string, subject_id: string, more: object = {}) =>
  by('/firearms/grants', { json: { license_type, subject_type: 'user', subject_id, ...more } });
const echo = async (by: HttpCall) => codeOf(await by('/tools/probe.echo', { json: {} })) ?? 'ok';

test('[POL-05] a bound scope is denied until the caller holds the licence, and again after it is revoked', async () => {
  expect(await echo(http)).toBe('ok');
  expect((await bind(http, 'probe.echo', 'lic.a')).status).toBe(200);
  const denied = await http('/tools/probe.echo', { json: {} });
  expect({ status: denied.status, error: denied.json.error }).toMatchObject({
    status: 403,
    error: {
      code: 'firearms.missing_grant',
      gate: 'firearms',
      details: { required_license_types: ['lic.a'], action_name: 'probe.echo' },
    },
  });
  const { grant_id } = (await grant(http, 'lic.a', 'u_op')).json;
  expect(await echo(http)).toBe('ok');
  expect((await http(`/firearms/grants/${grant_id}`, { method: 'DELETE' })).status).toBe(200);
  expect(await echo(http)).toBe('firearms.missing_grant');
});

test('[POL-05] a binding of * covers every scope, resource and prompt of the muscle, and no other muscle', async () => {
  await bind(http, '*', 'lic.star');
  const denied = [
    (await callTool(http, 'probe_plain')).rpc,
    (await modern(http, 'resources/read', { uri: 'probe://status' })).rpc,
    (await modern(http, 'prompts/get', { name: 'probe.greet', arguments: { who: 'Ann' } })).rpc,
  ];
  for (const answer of denied) expect(answer.error.data.error.code).toBe('firearms.missing_grant');
  const listed = (await modern(http, 'resources/list')).rpc.result.resources.map((entry: { uri: string }) => entry.uri);
  expect(listed).not.toContain('probe://notes/first');
  expect((await http('/tools/neighbour.facts', { json: {} })).status).toBe(200);
});

test('[POL-05] bindings of scope, * and the system tenant add up, and every licence is needed', async () => {
  await bind(http, 'probe.echo', 'lic.1', 'lic.2');
  await bind(http, '*', 'lic.3');
  await bind(system, 'probe.echo', 'lic.4');
  try {
    for (const license of ['lic.1', 'lic.2', 'lic.3', 'lic.4']) {
      const denied = await http('/tools/probe.echo', { json: {} });
      expect(denied.json.error.details.missing_license_types).toContain(license);
      expect((await grant(http, license, 'u_op')).status).toBe(201);
    }
    expect(await echo(http)).toBe('ok');
  } finally {
    await unbind(system, 'probe.echo');
  }
});

test('[POL-05] a grant of the system tenant opens nothing in another tenant', async () => {
  await bind(http, 'probe.echo', 'lic.sys');
  await grant(system, 'lic.sys', 'u_op');
  expect(await echo(http)).toBe('firearms.missing_grant');
});

test('[POL-05] a grant goes to a user, an agent or a role, and to no other subject of that name', async () => {
  const who = {
    user: await as(tenant(), { sub: 'same' }),
    agent: await as(tenant(), { sub: 'same', actor_type: 'agent' }),
    role: await as(tenant(), { sub: 'other', roles: ['same'] }),
  };
  await bind(http, 'probe.echo', 'lic.who');
  for (const subject_type of ['user', 'agent', 'role'] as const) {
    const { grant_id } = (await grant(http, 'lic.who', 'same', { subject_type })).json;
    for (const [kind, by] of Object.entries(who))
      expect(await echo(by)).toBe(kind === subject_type ? 'ok' : 'firearms.missing_grant');
    await http(`/firearms/grants/${grant_id}`, { method: 'DELETE' });
  }
});

test('[POL-05] an expired grant opens nothing, and one that expires later does', async () => {
  await bind(http, 'probe.echo', 'lic.time');
  await grant(http, 'lic.time', 'u_op', { expires_at: '2001-01-01T00:00:00Z' });
  expect(await echo(http)).toBe('firearms.missing_grant');
  await grant(http, 'lic.time', 'u_op', { expires_at: '2999-01-01T00:00:00+02:00' });
  expect(await echo(http)).toBe('ok');
});

const bindEffects = (by: HttpCall, tool_id: string, effects: string, license: string) =>
  by('/firearms/bindings', { method: 'PUT', json: { tool_id, effects, license_types: [license] } });
const codes = async (by: HttpCall) =>
  Object.fromEntries(
    await Promise.all(
      ['probe.echo', 'probe.remember', 'probe.plain', 'neighbour.facts'].map(async (scope) => {
        const answer = await by(`/tools/${scope}`, {
          json: scope === 'probe.remember' ? { key: 'k', value: 'v' } : {},
        });
        return [scope, codeOf(answer) === 'firearms.missing_grant' ? 'bound' : 'open'] as const;
      }),
    ),
  );

test.each([
  { what: 'what writes of one tool', tool_id: 'probe', effects: 'write', bound: ['probe.remember', 'probe.plain'] },
  { what: 'what is destructive of one tool', tool_id: 'probe', effects: 'destructive', bound: ['probe.plain'] },
  { what: 'what writes of any tool', tool_id: '*', effects: 'write', bound: ['probe.remember', 'probe.plain'] },
])('[POL-05] a binding of $what covers that, and nothing that only reads', async ({ tool_id, effects, bound }) => {
  expect((await bindEffects(http, tool_id, effects, 'lic.fx')).json).toMatchObject({ tool_id, effects });
  const found = Object.entries(await codes(http)).flatMap(([scope, state]) => (state === 'bound' ? [scope] : []));
  expect(found).toEqual(bound);
  expect((await http('/firearms/bindings')).json.bindings).toMatchObject([{ tool_id, effects }]);
  const gone = await http(`/firearms/bindings?tool_id=${encodeURIComponent(tool_id)}&effects=${effects}`, {
    method: 'DELETE',
  });
  expect(gone.status).toBe(200);
  expect(Object.values(await codes(http))).toEqual(['open', 'open', 'open', 'open']);
});

test('[POL-05] a binding of * of every tool covers everything', async () => {
  await http('/firearms/bindings', {
    method: 'PUT',
    json: { tool_id: '*', scope_name: '*', license_types: ['lic.all'] },
  });
  expect(Object.values(await codes(http))).toEqual(['bound', 'bound', 'bound', 'bound']);
});

test('[POL-05] a call that runs when its grant is revoked goes on, and the next one is refused', async () => {
  await bind(http, 'probe.sleep', 'lic.run');
  const { grant_id } = (await grant(http, 'lic.run', 'u_op')).json;
  const id = `${tenant()}-run`;
  const running = http('/tools/probe.sleep', { json: { id, ms: 400 } });
  await expect
    .poll(async () => JSON.stringify((await http('/tools/probe.state', { json: {} })).json), { timeout: 5000 })
    .toContain(id);
  expect((await http(`/firearms/grants/${grant_id}`, { method: 'DELETE' })).status).toBe(200);
  const next = await http('/tools/probe.sleep', { json: { id: `${id}-2`, ms: 1 } });
  expect(codeOf(next)).toBe('firearms.missing_grant');
  expect((await running).status).toBe(200);
});

test.each(['tomorrow', '2999-13-01T00:00:00Z', '2999-02-30T00:00:00Z', '2999-01-01', '', 4070908800, null])(
  '[POL-05] the expiry %j is refused',
  async (expires_at) => {
    const answer = await grant(http, 'lic.bad', 'u_op', { expires_at });
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 400, code: 'request.invalid' });
  },
);

test.each([
  { tool_id: 'probe', scope_name: '*', license_types: [] },
  { tool_id: 'probe', scope_name: '*', license_types: 'lic' },
  { tool_id: '', scope_name: '*', license_types: ['l'] },
  { tool_id: 'a b', scope_name: '*', license_types: ['l'] },
  { tool_id: 'probe', scope_name: '*', license_types: ['l'], licence: 'typo' },
  { tool_id: 'probe', license_types: ['l'] },
  { tool_id: 'probe', scope_name: '*', effects: 'write', license_types: ['l'] },
  { tool_id: 'probe', effects: 'read', license_types: ['l'] },
  { tool_id: '*', scope_name: 'probe.echo', license_types: ['l'] },
])('[POL-05] the binding %o is refused', async (json) => {
  const answer = await http('/firearms/bindings', { method: 'PUT', json });
  expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 400, code: 'request.invalid' });
});

test('[POL-05] bindings and grants outlive a restart', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'northstar-restart-'));
  const start = async () => {
    const started = await startProbeHost({ dataDir });
    return { started, call: httpClient(started.url, started.headers) };
  };
  try {
    const first = await start();
    await bind(first.call, 'probe.echo', 'lic.kept');
    await bind(first.call, 'probe.plain', 'lic.other');
    await grant(first.call, 'lic.kept', 'u_lab');
    await first.started.close();
    const second = await start();
    expect(await echo(second.call)).toBe('ok');
    expect(codeOf(await second.call('/tools/probe.plain', { json: {} }))).toBe('firearms.missing_grant');
    await second.started.close();
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});
