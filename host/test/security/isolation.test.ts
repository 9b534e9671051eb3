import { afterAll, beforeAll, expect, test } from 'vitest';
import { httpClient, type HttpCall } from '../integration/support/http-client.ts';
import { callTool, initialize, inSession } from '../integration/support/mcp-rpc.ts';
import { expectNoUnhandledRejections, startProbeHost, type ProbeHost } from '../integration/support/probe-host.ts';

let host: ProbeHost;
expectNoUnhandledRejections();
beforeAll(async () => {
  host = await startProbeHost();
});
afterAll(() => host.close());

const tenant = (id: string): HttpCall => httpClient(host.url, { ...host.headers, 'X-Tenant-Id': id });

/** Keys that a store which joins tenant, muscle and key with a separator would take for another's. */
const KEYS = [
  'plain',
  '../t_b/plain',
  't_b/muscle:probe/plain',
  '%2e%2e%2ft_b',
  "' OR 1=1 --",
  'muscle:neighbour/plain',
  '__proto__',
  'ＡＢＣ',
  'a%',
  '_',
  'firearms_policy_store',
];

test.each(KEYS)('[SEC-09] what one tenant keeps under "%s" no other tenant and no other muscle reads', async (key) => {
  const [a, b] = [tenant('t_a'), tenant('t_b')];
  const value = `secret of t_a under ${key}`;
  expect((await a('/tools/probe.remember', { json: { key, value } })).status).toBe(200);
  const own = (await a('/tools/probe.recall', { json: { key } })).json;
  expect(own).toMatchObject({ record: value, events: [{ value }] });
  for (const probe of [{ key }, { key: `../t_a/${key}` }, { key: `t_a/${key}` }, { key, prefix: '../' }]) {
    const read = (await b('/tools/probe.recall', { json: probe })).json;
    expect(read).toEqual({ record: null, object: null, events: [], listed: [] });
  }
  expect((await a('/tools/neighbour.recall', { json: { key } })).json).toEqual({ found: null });
});

test.each(['\u0000', 'a\nb', '', 'x'.repeat(2000), '\ud800'])(
  '[SEC-09] the key %j is refused as a key',
  async (key) => {
    const answer = await tenant('t_a')('/tools/probe.remember', { json: { key, value: 'x' } });
    expect(answer.status).toBe(400);
  },
);

test('[SEC-09] tenants whose names differ little are still two', async () => {
  await tenant('t_a-b')('/tools/probe.remember', { json: { key: 'k', value: 'dash' } });
  for (const other of ['t_a_b', 't_a', 't_a-', 't_a-bb'])
    expect((await tenant(other)('/tools/probe.recall', { json: { key: 'k' } })).json.record).toBeNull();
});

test('[SEC-10] of 300 calls of 30 tenants at once each sees its own marker and tenant', async () => {
  const names = Array.from({ length: 30 }, (_, index) => `t_many_${index}`);
  const sessions = await Promise.all(names.map(async (name) => (await initialize(tenant(name))).session ?? ''));
  const calls = Array.from({ length: 300 }, async (_, index) => {
    const name = names[index % 30] ?? '';
    const http = tenant(name);
    const marker = `${name}:${index}`;
    const args = { marker };
    const facts =
      index % 3 === 0
        ? (await http('/tools/probe.echo', { json: args })).json
        : index % 3 === 1
          ? (await callTool(http, 'probe.echo', args)).rpc.result.structuredContent
          : (
              await inSession({ http, session: sessions[index % 30] ?? '' }, 'tools/call', {
                name: 'probe_echo',
                arguments: args,
              })
            ).rpc.result.structuredContent;
    return { marker: facts.args.marker, tenant: facts.request.tenantId, expected: { marker, tenant: name } };
  });
  for (const { expected, ...seen } of await Promise.all(calls)) expect(seen).toEqual(expected);
});

test('[SEC-10] the control plane of a tenant shows and changes nothing of another', async () => {
  const [a, b] = [tenant('t_ctl_a'), tenant('t_ctl_b')];
  await a('/firearms/bindings', { method: 'PUT', json: { tool_id: 'probe', scope_name: '*', license_types: ['l'] } });
  const { grant_id } = (
    await a('/firearms/grants', { json: { license_type: 'l', subject_type: 'user', subject_id: 'u_lab' } })
  ).json;
  expect((await b('/firearms/bindings')).json).toEqual({ bindings: [] });
  expect((await b('/firearms/grants')).json).toEqual({ grants: [] });
  expect((await b(`/firearms/grants/${grant_id}`, { method: 'DELETE' })).status).toBe(404);
  expect((await b('/firearms/bindings?tool_id=probe&scope_name=*', { method: 'DELETE' })).status).toBe(404);
  expect((await a('/tools/probe.echo', { json: {} })).status).toBe(200);
});
