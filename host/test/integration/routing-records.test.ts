import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestHost, type TestHost } from '../../src/testing/index.ts';
import { PLUGINS } from '../acceptance/repository.ts';
import { codeOf, httpClient, type HttpCall } from './support/http-client.ts';
import { startIssuer, type Issuer } from './support/issuer.ts';

interface Recorded {
  readonly type: string;
  readonly data: { readonly request_id: string; readonly actor_id: string; readonly [member: string]: unknown };
}

let issuer: Issuer;
let host: TestHost;
let ann: HttpCall;
let bob: HttpCall;
let reader: HttpCall;

beforeAll(async () => {
  issuer = await startIssuer();
  host = await createTestHost({ plugins: [PLUGINS], muscles: ['echo'], env: issuer.env });
  const as = async (sub: string, roles: string[]): Promise<HttpCall> => {
    const token = await issuer.sign({ sub, tenant_id: 't_system', roles });
    return httpClient(host.url, { authorization: `Bearer ${token}`, 'x-mode': 'lab', 'x-project-id': 'p_one' });
  };
  ann = await as('u_ann', ['operator']);
  bob = await as('u_bob', ['operator']);
  reader = await as('u_eve', []);
});
afterAll(async () => {
  await host.close();
  await issuer.close();
});
beforeEach(async () => {
  for (const { resource_kind, mode } of (await ann('/routing/routes')).json.routes)
    await ann(`/routing/routes?resource_kind=${resource_kind}&mode=${mode}`, { method: 'DELETE' });
});

const local = { resource_kind: 'kpi_store', mode: 'lab', backend: 'filesystem' };
const put = (as: HttpCall, route: object) => as('/routing/routes', { method: 'PUT', json: route });
const remove = (as: HttpCall) => as('/routing/routes?resource_kind=kpi_store&mode=lab', { method: 'DELETE' });

/** What the audit has of the request that got this answer, in order. */
async function recordsOf(answer: { headers: Headers }): Promise<Recorded['data'][]> {
  const { records } = (await ann('/audit?limit=1000')).json as { records: Recorded[] };
  const id = answer.headers.get('x-request-id');
  return records.filter(({ data }) => data.request_id === id).map(({ type, data }) => ({ type, ...data }));
}

test('[ROUTE-04] the history names every change, the newest first, with its author and its time', async () => {
  const before = (await ann('/routing/routes')).json.history as { version: number }[];
  await put(ann, local);
  await put(bob, { ...local, mode: 'lab', resource_kind: 'budget_store' });
  await remove(bob);
  const { routes, history } = (await ann('/routing/routes')).json as {
    routes: unknown[];
    history: { version: number; author: string; at: string }[];
  };
  expect(routes).toEqual([{ ...local, resource_kind: 'budget_store', config: {} }]);
  const first = (before[0]?.version ?? 0) + 1;
  expect(history.slice(0, 3)).toEqual([
    { version: first + 2, author: 'u_bob', at: expect.any(String) },
    { version: first + 1, author: 'u_bob', at: expect.any(String) },
    { version: first, author: 'u_ann', at: expect.any(String) },
  ]);
  expect(history.map(({ version }) => version)).toEqual(history.map((_, i) => first + 2 - i));
  const times = history.map(({ at }) => at);
  expect(times).toEqual([...times].sort().reverse());
});

test('[POL-07] the audit has who changed which route, before it changed, and none of its settings', async () => {
  const route = { ...local, backend: 'redis', config: { url: 'redis://app:hunter2@cache' } };
  const changed = await recordsOf(await put(ann, route));
  expect(changed).toEqual([
    expect.objectContaining({ type: 'audit.control', operation: 'PUT /routing/routes', decision: 'allow' }),
    expect.objectContaining({
      ...{ type: 'audit.control', operation: 'PUT /routing/routes', decision: 'allow', actor_id: 'u_ann' },
      ...{ route: 'kpi_store/*/lab/*', backend: 'redis' },
    }),
  ]);
  expect(JSON.stringify(changed)).not.toContain('hunter2');
  expect(await recordsOf(await remove(bob))).toEqual([
    expect.objectContaining({ operation: 'DELETE /routing/routes', decision: 'allow' }),
    expect.objectContaining({ decision: 'allow', actor_id: 'u_bob', route: 'kpi_store/*/lab/*' }),
  ]);
});

test('[POL-07] a change that is refused stands in the audit as tried and refused, not as made', async () => {
  const wrong = await put(ann, { ...local, config: { dir: '/' } });
  expect(await recordsOf(wrong)).toEqual([
    expect.objectContaining({ type: 'audit.control', decision: 'allow', actor_id: 'u_ann' }),
    expect.objectContaining({ type: 'audit.refusal', code: 'routing.invalid_route', actor_id: 'u_ann' }),
  ]);
  const missing = await remove(bob);
  expect(codeOf(missing)).toBe('routing.route_not_found');
  expect((await recordsOf(missing)).at(-1)).toMatchObject({ type: 'audit.refusal', code: 'routing.route_not_found' });
  const stranger = await put(reader, local);
  expect(await recordsOf(stranger)).toEqual([
    expect.objectContaining({ decision: 'deny', code: 'identity.operator_required', actor_id: 'u_eve' }),
  ]);
});

test('[ROUTE-10] an engine that does not answer shows as unreachable in bounded time, and the others as reachable', async () => {
  const silent = await listening();
  const gone = await listening();
  await gone.close();
  const routed = { mode: 'lab', backend: 'postgres' };
  for (const [resource_kind, port] of [
    ['kpi_store', silent.port],
    ['budget_store', gone.port],
  ])
    expect(
      (await put(ann, { ...routed, resource_kind, config: { url: `postgres://u:hunter2@127.0.0.1:${port}/x` } }))
        .status,
    ).toBe(200);
  const started = Date.now();
  const answer = await ann('/routing/diagnostics');
  // The probe is given up after three seconds; the driver itself would wait for ten.
  expect(Date.now() - started).toBeLessThan(8000);
  const { kinds } = answer.json as { kinds: { resource_kind: string; reachable: boolean; error?: string }[] };
  const of = (kind: string) => kinds.find(({ resource_kind }) => resource_kind === kind);
  expect(of('kpi_store')).toMatchObject({ status: 'routed', backend: 'postgres', reachable: false });
  expect(of('kpi_store')?.error).toContain('no answer within');
  expect(of('budget_store')).toMatchObject({ status: 'routed', backend: 'postgres', reachable: false });
  expect(of('budget_store')?.error).toMatch(/connect/i);
  expect(kinds.filter(({ reachable }) => !reachable)).toHaveLength(2);
  expect(answer.text).not.toContain('hunter2');
  await silent.close();
});

/** A server that takes connections and says nothing. */
async function listening(): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => void sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
