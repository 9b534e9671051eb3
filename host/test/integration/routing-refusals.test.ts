import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import type { Route } from '../../src/routing/route.ts';
import { RouteTable } from '../../src/routing/route-table.ts';
import { tempFolder } from '../../src/stores/contract/temp-folder.ts';
import { openEmbeddedStores } from '../../src/stores/open-embedded-stores.ts';
import { VersionedStore } from '../../src/stores/versioned-store.ts';
import { createTestHost, type TestHost } from '../../src/testing/index.ts';
import { PLUGINS } from '../acceptance/repository.ts';
import { codeOf, httpClient, type HttpCall } from './support/http-client.ts';
import { startIssuer, type Issuer } from './support/issuer.ts';
import { callTool } from './support/mcp-rpc.ts';

let issuer: Issuer;
let host: TestHost;
let saas: HttpCall;
let lab: HttpCall;
/** As a client that can send a token and no other header. */
let bearer: HttpCall;

beforeAll(async () => {
  issuer = await startIssuer();
  host = await createTestHost({ plugins: [PLUGINS], muscles: ['echo', 'media_v2'], env: issuer.env });
  const token = await issuer.sign({ sub: 'u_ops', tenant_id: 't_acme', roles: ['operator'] });
  const as = (mode: string) => ({ authorization: `Bearer ${token}`, 'x-mode': mode, 'x-project-id': 'p_one' });
  saas = httpClient(host.url, as('saas'));
  lab = httpClient(host.url, as('lab'));
  bearer = httpClient(host.url, { authorization: `Bearer ${token}` });
});
afterAll(async () => {
  await host.close();
  await issuer.close();
});

const asset = { name: 'a.txt', text: 'a' };

test('[ROUTE-02] without a route the http binding of a scope is 503 missing_route, and says how to route', async () => {
  const answer = await saas('/media-v2/assets');
  expect([answer.status, codeOf(answer)]).toEqual([503, expect.stringMatching(/^[a-z_]+\.missing_route$/)]);
  expect(answer.json.error.message).toContain('PUT /routing/routes');
});

test.each(['media_v2.create_asset', 'media_v2.list_assets', 'echo.ping'])(
  '[ROUTE-02] without a route an MCP client is told the same of %s',
  async (scope) => {
    const { rpc } = await callTool(saas, scope, scope === 'media_v2.create_asset' ? asset : {});
    expect(rpc.error).toMatchObject({ code: 503, message: expect.stringContaining('PUT /routing/routes') });
    expect(rpc.error?.data).toMatchObject({ error: { code: expect.stringMatching(/\.missing_route$/) } });
  },
);

test('[ROUTE-02] without a route a client of a connection is told the same, in either error style', async () => {
  const record = { connection_id: 'unrouted', mode: 'saas', tenant_id: 't_acme', project_id: 'p_one' };
  for (const error_style of ['jsonrpc', 'result']) {
    expect((await lab('/admin/connections', { method: 'PUT', json: { ...record, error_style } })).status).toBe(200);
    const { rpc } = await callTool(bearer, 'media_v2.create_asset', asset, { path: '/c/unrouted/mcp' });
    const said = error_style === 'jsonrpc' ? rpc.error.message : rpc.result.content[0].text;
    expect(said).toContain('PUT /routing/routes');
    expect(said).toContain('.missing_route');
    if (error_style === 'jsonrpc')
      expect(rpc.error).toMatchObject({ code: 503, data: { error: { http_status: 503 } } });
    else expect(rpc.result).toMatchObject({ isError: true });
  }
});

test('[ROUTE-03] a host does not start on stored routes that it may not serve, and names each with what to configure', async () => {
  const folder = await tempFolder();
  const stores = await openEmbeddedStores(folder.path);
  const table = await RouteTable.open(new VersionedStore(stores));
  // Past the checks of the control plane, as a restored backup or another version of the host could bring them.
  const routes: Route[] = [
    { resource_kind: 'tabular_store', mode: 'saas', backend: 'filesystem', config: {} },
    { resource_kind: 'kpi_store', mode: 'enterprise', backend: 'filesystem', config: {} },
    { resource_kind: 'media_store', mode: 'lab', backend: 'floppy', config: {} },
  ];
  for (const route of routes) await table.put(route, 'u_test');
  await stores.close();
  const refusal = await createTestHost({ plugins: [PLUGINS], muscles: ['echo'], dataDir: folder.path }).then(
    () => expect.fail('the host started'),
    (error: unknown) => error as ConfigError,
  );
  expect(refusal).toBeInstanceOf(ConfigError);
  expect(refusal.problems).toEqual([
    expect.stringMatching(/tabular_store\/\*\/saas\/\* cannot be served: filesystem lives on one machine.*postgres/),
    expect.stringMatching(/kpi_store\/\*\/enterprise\/\* cannot be served: filesystem lives on one machine.*postgres/),
    expect.stringMatching(/media_store\/\*\/lab\/\* cannot be served: There is no engine called "floppy"/),
  ]);
  // The refusal lets go of the folder: whoever repairs it can open it.
  await (await openEmbeddedStores(folder.path)).close();
  await folder.remove();
});
