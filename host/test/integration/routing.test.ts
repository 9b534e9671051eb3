import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { RESOURCE_KINDS } from '../../src/routing/resource-kinds.ts';
import { createTestHost, type TestHost } from '../../src/testing/index.ts';
import { PLUGINS } from '../acceptance/repository.ts';
import { codeOf, httpClient, type HttpCall } from './support/http-client.ts';
import { startIssuer, type Issuer } from './support/issuer.ts';
import { callTool } from './support/mcp-rpc.ts';

let issuer: Issuer;
let dataDir: string;
let host: TestHost;
let lab: HttpCall;
let saas: HttpCall;

async function start(): Promise<void> {
  host = await createTestHost({ plugins: [PLUGINS], muscles: ['echo', 'media_v2'], env: issuer.env, dataDir });
  const as = async (mode: string, tenant: string): Promise<HttpCall> => {
    const token = await issuer.sign({ sub: 'u_ops', tenant_id: tenant, roles: ['operator'] });
    return httpClient(host.url, { authorization: `Bearer ${token}`, 'x-mode': mode, 'x-project-id': 'p_one' });
  };
  lab = await as('lab', 't_system');
  saas = await as('saas', 't_acme');
}

beforeAll(async () => {
  issuer = await startIssuer();
  dataDir = await mkdtemp(join(tmpdir(), 'northstar-routing-'));
  await start();
});
afterAll(async () => {
  await host.close();
  await issuer.close();
  await rm(dataDir, { recursive: true, force: true });
});
beforeEach(async () => {
  const { routes } = (await lab('/routing/routes')).json as { routes: { resource_kind: string; mode?: string }[] };
  for (const { resource_kind, mode } of routes)
    await lab(`/routing/routes?resource_kind=${resource_kind}${mode ? `&mode=${mode}` : ''}`, { method: 'DELETE' });
});

const put = (route: object) => lab('/routing/routes', { method: 'PUT', json: route });

test('[ROUTE-01] lab is served without any set-up', async () => {
  expect((await lab('/tools/echo.ping', { json: {} })).status).toBe(200);
  const { kinds } = (await lab('/routing/diagnostics')).json as { kinds: { status: string; reachable: boolean }[] };
  expect(kinds).toHaveLength(Object.keys(RESOURCE_KINDS).length);
  expect(kinds.every(({ status, reachable }) => status === 'default' && reachable)).toBe(true);
});

test('[ROUTE-02] a sellable mode without a route is 503 <kind>.missing_route on HTTP and MCP, and nothing runs', async () => {
  const http = await saas('/tools/echo.ping', { json: {} });
  expect({ status: http.status, code: codeOf(http) }).toEqual({
    status: 503,
    code: 'budget_store.missing_route',
  });
  expect(http.json.error).toMatchObject({
    gate: 'entitlement',
    message: expect.stringContaining('PUT /routing/routes'),
  });
  const mcp = await callTool(saas, 'echo.ping', {});
  expect(mcp.rpc.error).toMatchObject({ code: 503, data: { error: { code: 'budget_store.missing_route' } } });
  expect(codeOf(await saas('/firearms/grants'))).toBe('firearms_policy_store.missing_route');
  expect(codeOf(await saas('/audit'))).toBe('event_spine.missing_route');
  const { kinds } = (await saas('/routing/diagnostics')).json as { kinds: { resource_kind: string; status: string }[] };
  // The table of routes is found before any route is.
  for (const { resource_kind, status } of kinds)
    expect(status).toBe(resource_kind === 'routing_registry_store' ? 'default' : 'missing');
});

test.each([
  {
    what: 'an engine of one machine in a sellable mode',
    route: { mode: 'saas', backend: 'filesystem' },
    code: 'routing.engine_not_allowed',
  },
  {
    what: 'an engine of one machine for every mode',
    route: { backend: 'filesystem' },
    code: 'routing.engine_not_allowed',
  },
  { what: 'an unknown engine', route: { mode: 'lab', backend: 'floppy' }, code: 'routing.invalid_route' },
  {
    what: 'settings that the engine does not take',
    route: { mode: 'lab', backend: 'filesystem', config: { dir: '/' } },
    code: 'routing.invalid_route',
  },
  {
    what: 'the table of routes, which configuration names,',
    route: { resource_kind: 'routing_registry_store', mode: 'lab', backend: 'filesystem' },
    code: 'routing.invalid_route',
  },
  {
    what: 'a name that the engine never takes',
    route: { mode: 'lab', backend: 'postgres', config: { url: 'postgres://db/x', schema: 'Acme' } },
    code: 'routing.invalid_route',
  },
])('[ROUTE-03] $what is refused on change, with what to configure', async ({ route, code }) => {
  const answer = await put({ resource_kind: 'tabular_store', ...route });
  expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 400, code });
  expect(((await lab('/routing/routes')).json as { routes: unknown[] }).routes).toEqual([]);
});

test('[ROUTE-04] a route is stored with its history, survives a restart, and can be taken back', async () => {
  const route = { resource_kind: 'kpi_store', mode: 'lab', backend: 'filesystem', config: {} };
  expect((await put(route)).json).toEqual(route);
  await host.close();
  await start();
  const listed = (await lab('/routing/routes')).json as { routes: unknown[]; history: { author: string }[] };
  expect(listed.routes).toEqual([route]);
  expect(listed.history[0]).toMatchObject({ author: 'u_ops' });
  const diagnosed = (await lab('/routing/diagnostics')).json as { kinds: { resource_kind: string; status: string }[] };
  expect(diagnosed.kinds.find(({ resource_kind }) => resource_kind === 'kpi_store')?.status).toBe('routed');
  expect((await lab('/routing/routes?resource_kind=kpi_store&mode=lab', { method: 'DELETE' })).status).toBe(200);
  expect(codeOf(await lab('/routing/routes?resource_kind=kpi_store&mode=lab', { method: 'DELETE' }))).toBe(
    'routing.route_not_found',
  );
});

test('[ROUTE-05] only operators of the system tenant see and set routes', async () => {
  const token = await issuer.sign({ sub: 'u_ops', tenant_id: 't_acme', roles: ['operator'] });
  const other = httpClient(host.url, { authorization: `Bearer ${token}`, 'x-mode': 'lab', 'x-project-id': 'p_one' });
  expect(codeOf(await other('/routing/routes'))).toBe('identity.operator_required');
});
