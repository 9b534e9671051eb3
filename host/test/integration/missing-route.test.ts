import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HttpParts } from '../../src/http/http-parts.ts';
import { controlRoutes } from '../../src/http/routes/control-routes.ts';
import { createTestHost, type TestHost } from '../../src/testing/index.ts';
import { PLUGINS } from '../acceptance/repository.ts';
import { describeEngine } from '../engines/describe-engine.ts';
import { freshSchema, POSTGRES_URL, runSql, whyUnreachable } from '../engines/test-postgres.ts';
import { MUSCLES } from '../replicas/start-replicas.ts';
import { codeOf, httpClient, type HttpCall } from './support/http-client.ts';
import { startIssuer, type Issuer } from './support/issuer.ts';
import { callTool, modern } from './support/mcp-rpc.ts';
import { ROUTES } from './support/route-requests.ts';
import { runCommand } from './support/run-command.ts';
import { WITH_PLANS } from './support/sellable.ts';

const served = controlRoutes({} as HttpParts).map(({ method, path }) => `${method.toUpperCase()} ${path}`);
const meeting = Object.entries(ROUTES).flatMap(([route, request]) =>
  typeof request === 'string' ? [] : [{ route, ...request, method: route.split(' ', 1)[0]! }],
);
const MISSING = /^[a-z_]+\.missing_route$/;

let issuer: Issuer;
let host: TestHost;
let lab: HttpCall;
let saas: HttpCall;
let token: string;

beforeAll(async () => {
  issuer = await startIssuer();
  host = await createTestHost({
    plugins: [PLUGINS, MUSCLES],
    muscles: ['echo', 'media_v2', 'crowd'],
    env: { ...issuer.env, ...WITH_PLANS },
  });
  token = await issuer.sign({ sub: 'u_ops', tenant_id: 't_system', roles: ['operator'] });
  const as = (mode: string) => ({ authorization: `Bearer ${token}`, 'x-mode': mode, 'x-project-id': 'p_one' });
  [lab, saas] = [httpClient(host.url, as('lab')), httpClient(host.url, as('saas'))];
});
afterAll(async () => {
  await host.close();
  await issuer.close();
});

test('[ROUTE-02] every route of the control plane is held to it here, or says why it needs none', () => {
  expect(Object.keys(ROUTES).sort()).toEqual([...served].sort());
});

describe('where nothing is routed', () => {
  test.each(meeting)(
    '[ROUTE-02] $route is 503 missing_route, and says how to route',
    async ({ path, needs, ...call }) => {
      const answer = await saas(path, call);
      expect([answer.status, codeOf(answer)]).toEqual([503, expect.stringMatching(MISSING)]);
      expect(answer.json.error.message).toContain('PUT /routing/routes');
      expect(answer.json.error.details).toMatchObject({ mode: 'saas', tenant_id: 't_system' });
      if (needs === undefined) expect(codeOf(answer)).toBe('event_spine.missing_route');
    },
  );

  test.each([
    { what: 'a job that is started', call: () => callTool(saas, 'crowd_toil', { file: '/dev/null' }) },
    { what: 'a job that is asked about', call: () => callTool(saas, 'crowd_toil_status', { job_id: 'job_1' }) },
    { what: 'a job that is cancelled', call: () => callTool(saas, 'crowd_toil_cancel', { job_id: 'job_1' }) },
    { what: 'a resource', call: () => modern(saas, 'resources/read', { uri: 'crowd://board' }) },
    {
      what: 'a resource with a name in it',
      call: () => modern(saas, 'resources/read', { uri: 'media-v2://assets/a/content' }),
    },
    {
      what: 'a prompt',
      call: () => modern(saas, 'prompts/get', { name: 'media_v2_describe_asset', arguments: { asset_id: 'a' } }),
    },
  ])('[ROUTE-02] over MCP, $what is 503 missing_route', async ({ call }) => {
    const { rpc } = await call();
    expect(rpc.error).toMatchObject({ code: 503, message: expect.stringContaining('PUT /routing/routes') });
    expect(rpc.error.data).toMatchObject({ error: { code: expect.stringMatching(MISSING) } });
  });
});

describe('where nothing is routed, beside the control plane', () => {
  test('[ROUTE-02] explaining a call names the missing route as what the call would meet', async () => {
    const { status, json } = await saas('/policy/explain', { json: { action: 'echo.ping' } });
    expect({ status, ...json }).toMatchObject({ status: 200, decision: 'deny', code: 'budget_store.missing_route' });
    expect(json.message).toContain('PUT /routing/routes');
  });

  test('[ROUTE-02] the command line prints the same and fails', async () => {
    const env = { NORTHSTAR_TOKEN: token, NORTHSTAR_MODE: 'saas', NORTHSTAR_TENANT_ID: 't_system' };
    const told = await runCommand(['call', 'echo.ping', '--url', host.url], env);
    expect(told.code).not.toBe(0);
    expect(told.stdout).toMatch(/"code": "[a-z_]+\.missing_route"/);
    expect(told.stderr).toContain('PUT /routing/routes');
  });
});

await describeEngine('postgres for events alone', whyUnreachable, () => {
  const schema = freshSchema();
  beforeAll(async () => {
    const route = { resource_kind: 'event_spine', mode: 'saas', backend: 'postgres' };
    const json = { ...route, config: { url: POSTGRES_URL, schema, pool: 3 } };
    expect((await lab('/routing/routes', { method: 'PUT', json })).status).toBe(200);
  });
  afterAll(async () => {
    await lab('/routing/routes?resource_kind=event_spine&mode=saas', { method: 'DELETE' });
    await runSql(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  });

  test.each(meeting.filter(({ needs }) => needs !== undefined))(
    '[ROUTE-02] $route names the kind that it needs: $needs',
    async ({ path, needs, ...call }) => {
      expect(codeOf(await saas(path, call))).toBe(`${needs}.missing_route`);
    },
  );

  test.each(meeting.filter(({ needs }) => needs === undefined))('[ROUTE-02] $route needs no more', async (request) => {
    expect(codeOf(await saas(request.path, request)) ?? '').not.toMatch(MISSING);
  });
});
