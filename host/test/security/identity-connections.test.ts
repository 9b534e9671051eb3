import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeOf, httpClient, type HttpCall } from '../integration/support/http-client.ts';
import { startIssuer } from '../integration/support/issuer.ts';
import { callTool, initialize, inSession, modern } from '../integration/support/mcp-rpc.ts';
import { expectNoUnhandledRejections, startProbeHost, type ProbeHost } from '../integration/support/probe-host.ts';

let host: ProbeHost;
let http: HttpCall;
let bare: HttpCall;
expectNoUnhandledRejections();
beforeAll(async () => {
  host = await startProbeHost();
  http = httpClient(host.url, host.headers);
  bare = httpClient(host.url, {});
});
afterAll(() => host.close());

const RECORD = { connection_id: 'chat', mode: 'lab', tenant_id: 't_conn', project_id: 'p_conn', surface_id: 'surf_c' };
const at = { path: '/c/chat/mcp' };

async function connect(record: object): Promise<void> {
  const answer = await http('/admin/connections', { method: 'PUT', json: { ...RECORD, ...record } });
  expect(answer.status).toBe(200);
}

test('[ID-04] a connection fixes who calls, so that no header is needed', async () => {
  await connect({});
  const answer = await callTool(bare, 'probe.echo', {}, at);
  expect(answer.rpc.result.structuredContent.request).toMatchObject({
    tenantId: 't_conn',
    projectId: 'p_conn',
    surfaceId: 'surf_c',
    mode: 'lab',
  });
});

test('[ID-04] headers that contradict the connection change nothing of what it fixes', async () => {
  await connect({});
  const headers = { 'X-Tenant-Id': 't_victim', 'X-Project-Id': 'p_victim', 'X-Surface-Id': 'surf_v', 'X-Mode': 'saas' };
  const answer = await callTool(bare, 'probe.echo', {}, { ...at, headers });
  const request = answer.rpc?.result?.structuredContent?.request;
  expect(request ?? { tenantId: 't_conn', projectId: 'p_conn', surfaceId: 'surf_c', mode: 'lab' }).toMatchObject({
    tenantId: 't_conn',
    projectId: 'p_conn',
    surfaceId: 'surf_c',
    mode: 'lab',
  });
});

test('[ID-04] the tool filter hides and refuses, in both eras and both spellings', async () => {
  await connect({ tools: ['probe.echo', 'neighbour.*'] });
  const list = await modern(bare, 'tools/list', {}, at);
  expect(list.rpc.result.tools.map((tool: { name: string }) => tool.name)).toEqual([
    'neighbour_facts',
    'neighbour_recall',
    'probe_echo',
  ]);
  const { session } = await initialize(bare, at);
  for (const name of ['probe.typed', 'probe_typed']) {
    const refused = [
      await callTool(bare, name, { marker: 'x' }, at),
      await inSession({ http: bare, session: session ?? '', ...at }, 'tools/call', {
        name,
        arguments: { marker: 'x' },
      }),
    ];
    for (const answer of refused) expect(answer.rpc.error.data.error.code).toBe('scope.not_found');
  }
  for (const method of ['resources/list', 'prompts/list'])
    expect(Object.values((await modern(bare, method, {}, at)).rpc.result)).toContainEqual([]);
  for (const [method, params] of [
    ['resources/read', { uri: 'probe://status' }],
    ['prompts/get', { name: 'probe.greet', arguments: { who: 'Ann' } }],
    ['completion/complete', { ref: { type: 'ref/prompt', name: 'probe.greet' }, argument: { name: 'who', value: '' } }],
  ] as const)
    expect((await modern(bare, method, params, at)).rpc.error.data.error.code).toBe('scope.not_found');
});

test('[ID-04] names and errors come in the style of the connection', async () => {
  await connect({ tools: ['probe.*'], tool_names: 'dotted', error_style: 'result' });
  const list = await modern(bare, 'tools/list', {}, at);
  expect(list.rpc.result.tools.every((tool: { name: string }) => tool.name.startsWith('probe.'))).toBe(true);
  const refused = await callTool(bare, 'probe.typed', {}, at);
  expect(refused.rpc.result.isError).toBe(true);
});

test('[ID-04] a changed connection holds from the next request on, and a removed one is unknown', async () => {
  await connect({ tools: ['probe.echo'] });
  await connect({ tools: ['probe.plain'] });
  expect((await callTool(bare, 'probe.echo', {}, at)).rpc.error.data.error.code).toBe('scope.not_found');
  expect((await http('/admin/connections/chat', { method: 'DELETE' })).status).toBe(200);
  const gone = await callTool(bare, 'probe.plain', {}, at);
  expect({ status: gone.status, code: codeOf(gone) }).toEqual({ status: 404, code: 'connection.not_found' });
});

test.each(['__proto__', 'constructor', 'nobody', 'a%2fb'])('[ID-04] the connection "%s" is unknown', async (id) => {
  expect((await callTool(bare, 'probe.echo', {}, { path: `/c/${id}/mcp` })).status).toBe(404);
});

test.each([
  { tenant_id: 'acme' },
  { connection_id: '../x' },
  { mode: 'prod' },
  { tools: [] },
  { project_id: 'p b' },
  { surface_id: 'ü' },
  { role: 'operator' },
])('[ID-04] a connection with %o is refused when it is made', async (record) => {
  const answer = await http('/admin/connections', { method: 'PUT', json: { ...RECORD, ...record } });
  expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 400, code: 'request.invalid' });
});

test('[ID-04] where callers authenticate a connection still needs the token, and one of its tenant', async () => {
  const issuer = await startIssuer();
  const guarded = await startProbeHost({ env: issuer.env });
  try {
    const anonymous = httpClient(guarded.url, {});
    const as = async (claims: Record<string, unknown>) =>
      httpClient(guarded.url, { Authorization: `Bearer ${await issuer.sign(claims)}` });
    const admin = await as({ roles: ['operator'], tenant_id: 't_conn', mode: 'lab', project_id: 'p_admin' });
    expect((await admin('/admin/connections', { method: 'PUT', json: RECORD })).status).toBe(200);
    const foreign = await as({ roles: ['operator'], tenant_id: 't_b', mode: 'lab', project_id: 'p_b' });
    for (const call of [
      { method: 'PUT', json: { ...RECORD, tenant_id: 't_b' } },
      { method: 'PUT', json: RECORD },
    ])
      expect(codeOf(await foreign('/admin/connections', call))).toBe('identity.operator_required');
    expect(codeOf(await foreign('/admin/connections/chat', { method: 'DELETE' }))).toBe('identity.operator_required');
    expect((await foreign('/admin/connections')).json.connections).toEqual([]);

    expect((await callTool(anonymous, 'probe.echo', {}, at)).status).toBe(401);
    expect((await callTool(anonymous, 'probe.echo', {}, { path: '/c/nobody/mcp' })).status).toBe(401);
    expect(codeOf(await callTool(await as({ tenant_id: 't_b' }), 'probe.echo', {}, at))).toBe('identity.mismatch');
    const own = await callTool(await as({ tenant_id: 't_conn' }), 'probe.echo', {}, at);
    expect(own.rpc.result.structuredContent.request).toMatchObject({ tenantId: 't_conn', projectId: 'p_conn' });
  } finally {
    await guarded.close();
    await issuer.close();
  }
});
