import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeOf, httpClient, type HttpCall } from '../integration/support/http-client.ts';
import { AUDIENCE, ISSUER, startIssuer, type Issuer } from '../integration/support/issuer.ts';
import { callTool } from '../integration/support/mcp-rpc.ts';
import { expectNoUnhandledRejections, startProbeHost, type ProbeHost } from '../integration/support/probe-host.ts';

let issuer: Issuer;
let host: ProbeHost;
expectNoUnhandledRejections();
beforeAll(async () => {
  issuer = await startIssuer();
  host = await startProbeHost({ env: issuer.env });
});
afterAll(async () => {
  await host.close();
  await issuer.close();
});

/** A client that states nothing but mode and project, so that the claims decide. */
function withToken(token: string, headers: Record<string, string> = {}): HttpCall {
  return httpClient(host.url, {
    'X-Mode': 'lab',
    'X-Project-Id': 'p_web',
    Authorization: `Bearer ${token}`,
    ...headers,
  });
}
const request = async (http: HttpCall) => (await http('/tools/probe.echo', { json: {} })).json?.request;

test.each(['RS256', 'ES256', 'EdDSA'] as const)('[ID-02] a token signed with %s is accepted', async (alg) => {
  expect(await request(withToken(await issuer.sign({}, { alg })))).toMatchObject({
    tenantId: 't_acme',
    mode: 'lab',
    actor: { type: 'user', id: 'u_ann' },
  });
});

test('[ID-02] claims fill in what no header says, and agents are told from users', async () => {
  const claims = {
    mode: 'lab',
    project_id: 'p_claim',
    app_id: 'app_1',
    surface_id: 'surf_1',
    actor_type: 'agent',
  };
  const by = async (more: object): Promise<HttpCall> =>
    httpClient(host.url, { Authorization: `bearer ${await issuer.sign({ ...claims, ...more })}` });
  expect(await request(await by({}))).toMatchObject({
    mode: 'lab',
    projectId: 'p_claim',
    appId: 'app_1',
    surfaceId: 'surf_1',
    actor: { type: 'agent', id: 'u_ann' },
  });
  // Nothing is routed here for the mode of this claim, and the refusal names it.
  const { message } = (await (await by({ mode: 'enterprise' }))('/tools/probe.echo', { json: {} })).json.error;
  expect(message).toMatch(/missing_route.*enterprise/);
});

test.each([
  { header: 'X-Mode', value: 'saas' },
  { header: 'X-Tenant-Id', value: 't_other' },
  { header: 'X-Project-Id', value: 'p_other' },
  { header: 'X-App-Id', value: 'app_other' },
  { header: 'X-Surface-Id', value: 'surf_other' },
  { header: 'X-User-Id', value: 'u_bob' },
])('[ID-02] $header that contradicts its claim is refused', async ({ header, value }) => {
  const token = await issuer.sign({ mode: 'lab', project_id: 'p_web', app_id: 'app_1', surface_id: 'surf_1' });
  const answer = await withToken(token, { [header]: value })('/tools');
  expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 403, code: 'identity.mismatch' });
  expect(answer.json.error.message).toContain(header);
});

const now = Math.floor(Date.now() / 1000);
test.each([
  { what: 'expired', claims: { exp: now - 60 } },
  { what: 'not valid yet', claims: { nbf: now + 3600 } },
  { what: 'for another audience', claims: { aud: 'https://elsewhere.test' } },
  { what: 'of another issuer', claims: { iss: 'https://evil.test' } },
  { what: 'without a subject', claims: { sub: undefined } },
  { what: 'with an empty subject', claims: { sub: '' } },
  { what: 'without an expiry', claims: { exp: undefined } },
  { what: 'without an audience', claims: { aud: undefined } },
])('[ID-02] a token $what is refused with 401 and a challenge', async ({ claims }) => {
  const answer = await withToken(await issuer.sign(claims))('/tools');
  expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 401, code: 'identity.unauthenticated' });
  expect(answer.headers.get('www-authenticate')).toContain('resource_metadata=');
});

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const CLAIMS = { iss: ISSUER, aud: AUDIENCE, sub: 'u_ann', tenant_id: 't_acme', exp: now + 600 };

test.each([
  { what: 'says alg none', forge: () => `${part({ alg: 'none' })}.${part(CLAIMS)}.` },
  {
    what: 'is signed HS256 with the public key as the secret',
    forge: () => {
      const signed = `${part({ alg: 'HS256', kid: 'RS256' })}.${part(CLAIMS)}`;
      const secret = JSON.stringify(issuer.publicKeys[0]);
      return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
    },
  },
  { what: 'has an unknown kid', forge: () => issuer.sign({}, { kid: 'nobody' }) },
  { what: 'names the key of another algorithm', forge: () => issuer.sign({}, { alg: 'RS256', kid: 'ES256' }) },
  {
    what: 'brings its own key along',
    forge: () => `${part({ alg: 'ES256', jwk: issuer.publicKeys[1] })}.${part(CLAIMS)}.AAAA`,
  },
  { what: 'lost its signature', forge: async () => (await issuer.sign()).replace(/\.[^.]*$/, '.') },
  {
    what: 'had its claims replaced',
    forge: async () => (await issuer.sign()).replace(/\.[^.]*\./, `.${part({ ...CLAIMS, tenant_id: 't_victim' })}.`),
  },
  { what: 'is not a token', forge: () => 'hello' },
])('[ID-02] a token that $what is refused', async ({ forge }) => {
  const answer = await withToken(await forge())('/tools');
  expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 401, code: 'identity.unauthenticated' });
});

test('[ID-02] a token that names no tenant cannot pick one by header', async () => {
  const answer = await withToken(await issuer.sign({ tenant_id: undefined }), { 'X-Tenant-Id': 't_acme' })('/tools');
  expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 403, code: 'identity.mismatch' });
});

test('[ID-02] a token with several tenants lets the header pick one of them and no other', async () => {
  const token = await issuer.sign({ tenant_id: undefined, tenants: ['t_a', 't_b'] });
  expect(await request(withToken(token, { 'X-Tenant-Id': 't_b' }))).toMatchObject({ tenantId: 't_b' });
  expect(codeOf(await withToken(token, { 'X-Tenant-Id': 't_c' })('/tools'))).toBe('identity.mismatch');
  expect(codeOf(await withToken(token)('/tools'))).toBe('identity.mismatch');
});

test.each([
  { what: 'a tenant outside the pattern', claims: { tenant_id: 'T_ACME' } },
  { what: 'an unknown mode', claims: { mode: 'prod' } },
  { what: 'a subject with a line break', claims: { sub: 'u_ann\nforged' } },
  { what: 'a subject of 10 kB', claims: { sub: 'u'.repeat(10_000) } },
])('[ID-02] a token with $what is refused before anything runs', async ({ claims }) => {
  const answer = await withToken(await issuer.sign(claims), { 'X-Mode': claims.mode ?? 'lab' })('/tools/probe.echo', {
    json: {},
  });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
});

test.each([
  { roles: ['operator'], status: 200 },
  { roles: 'viewer operator', status: 200 },
  { roles: ['viewer'], status: 403 },
  { roles: 'operators', status: 403 },
  { roles: undefined, status: 403 },
  { roles: { operator: true }, status: 403 },
  { roles: [['operator']], status: 403 },
])('[ID-02] roles $roles answer $status on an operator route', async ({ roles, status }) => {
  const answer = await withToken(await issuer.sign({ roles }))('/firearms/grants');
  expect(answer.status).toBe(status);
});

test.each([
  { method: 'GET', path: '/firearms/bindings' },
  { method: 'PUT', path: '/firearms/bindings' },
  { method: 'DELETE', path: '/firearms/bindings?tool_id=a&scope_name=b' },
  { method: 'GET', path: '/firearms/grants' },
  { method: 'POST', path: '/firearms/grants' },
  { method: 'DELETE', path: '/firearms/grants/grant_1' },
  { method: 'GET', path: '/admin/muscles' },
  { method: 'GET', path: '/admin/kill-switch' },
  { method: 'PUT', path: '/admin/kill-switch' },
  { method: 'GET', path: '/admin/connections' },
  { method: 'PUT', path: '/admin/connections' },
  { method: 'DELETE', path: '/admin/connections/abc' },
])('[POL-05] $method $path needs the operator role', async ({ method, path }) => {
  const http = withToken(await issuer.sign({ roles: ['viewer'] }));
  const answer = await http(path, { method, ...(method === 'PUT' || method === 'POST' ? { json: {} } : {}) });
  expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 403, code: 'identity.operator_required' });
});

test("[ID-02] an operator of one tenant cannot switch off the host or another tenant's calls", async () => {
  const http = withToken(await issuer.sign({ roles: ['operator'] }));
  for (const body of [{ target: 'all' }, { target: 'tenant', id: 't_other' }, { target: 'muscle', id: 'probe' }]) {
    const json = { ...body, engaged: true, reason: 'sabotage' };
    expect(codeOf(await http('/admin/kill-switch', { method: 'PUT', json }))).toBe('identity.operator_required');
  }
});

test('[ID-02] the challenge leads to metadata that names the issuer', async () => {
  const refused = await httpClient(host.url, host.headers)('/mcp', { json: {} });
  expect(refused.status).toBe(401);
  const url = /resource_metadata="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '')?.[1] ?? '';
  const metadata = (await (await fetch(url)).json()) as Record<string, unknown>;
  expect(metadata).toMatchObject({ resource: `${host.url}/mcp`, authorization_servers: [ISSUER] });
});

test('[ID-02] the same token works over MCP', async () => {
  const answer = await callTool(withToken(await issuer.sign()), 'probe.echo');
  expect(answer.rpc.result.structuredContent.request.tenantId).toBe('t_acme');
});
