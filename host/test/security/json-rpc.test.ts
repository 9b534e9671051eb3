import { afterAll, beforeAll, expect, test } from 'vitest';
import { httpClient, type HttpCall } from '../integration/support/http-client.ts';
import { callTool, initialize, inSession, modern, rpc } from '../integration/support/mcp-rpc.ts';
import { expectNoUnhandledRejections, startProbeHost, type ProbeHost } from '../integration/support/probe-host.ts';

let host: ProbeHost;
let http: HttpCall;
let session: string;
expectNoUnhandledRejections();
beforeAll(async () => {
  host = await startProbeHost();
  http = httpClient(host.url, host.headers);
  session = (await initialize(http)).session ?? '';
});
afterAll(() => host.close());

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

test.each([
  { what: 'an empty batch', body: '[]', status: 400, code: -32600 },
  { what: 'a batch', body: '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', status: 400, code: -32600 },
  { what: 'no JSON', body: '{', status: 400, code: -32700 },
  { what: 'a byte order mark', body: '\ufeff\ufeff{}', status: 400, code: -32700 },
  { what: 'deep nesting in a batch', body: nested(100_000), status: 400, code: -32600 },
])('[SEC-03] $what is answered $code', async ({ body, status, code }) => {
  const answer = await rpc(http, body);
  expect({ status: answer.status, code: answer.rpc.error.code }).toEqual({ status, code });
});

test.each(['', 'null', '1', '"tools/list"', '{}', '{"jsonrpc":"1.0","id":1,"method":"tools/list"}', '{"id":{}}'])(
  '[SEC-03] the message %s is refused as a protocol fault',
  async (body) => {
    const answer = await rpc(http, body);
    expect(answer.status).toBe(400);
    expect(answer.rpc.error.code).toBeLessThan(-32000 + 1);
  },
);

test.each(['nonsense', '__proto__', 'constructor', 'tools/__proto__', 'admin/muscles', ''])(
  '[SEC-03] the unknown method "%s" is answered -32601 in both eras',
  async (method) => {
    const stateless = await modern(http, method);
    expect([-32601, -32600, -32602, -32020]).toContain(stateless.rpc.error.code);
    const stateful = await inSession({ http, session }, method);
    expect([-32601, -32600, -32602]).toContain(stateful.rpc.error.code);
  },
);

test.each<{ what: string; headers: Record<string, string> }>([
  { what: 'method', headers: { 'mcp-method': 'tools/list' } },
  { what: 'name', headers: { 'mcp-name': 'probe.typed' } },
  { what: 'version', headers: { 'mcp-protocol-version': '2025-11-25' } },
])('[SEC-03] a header that names another $what than the body is refused', async ({ headers }) => {
  const answer = await callTool(http, 'probe.echo', {}, { headers });
  expect(answer.status).toBe(400);
  expect(answer.rpc.error.code).toBeLessThan(0);
});

test.each([
  { name: 1 },
  { name: ['probe.echo'] },
  { name: null },
  {},
  { name: 'probe.echo', arguments: [] },
  { name: 'probe.echo', arguments: 'x' },
  { name: { toString: 'x' } },
])('[SEC-03] tools/call with %o is refused and runs nothing', async (params) => {
  for (const answer of [
    await modern(http, 'tools/call', params),
    await inSession({ http, session }, 'tools/call', params),
  ])
    expect(answer.rpc.error.code).toBeLessThan(0);
});

test('[SEC-03] of duplicate keys one value counts, for policy and handler alike', async () => {
  const meta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}`;
  const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"probe.typed","name":"probe.echo","arguments":{"marker":"a","marker":"b"},${meta}}}`;
  const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'probe.echo' };
  expect((await rpc(http, body, { headers })).rpc.result.structuredContent.args).toEqual({ marker: 'b' });
});

test.each([
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"a":[{"prototype":1}]}',
])('[SEC-04] the arguments %s are refused and pollute nothing', async (args) => {
  const headers = { 'content-type': 'application/json' };
  const answers = [
    await http('/tools/probe.echo', { body: args, headers }),
    await http('/probe/echo', { body: args, headers }),
    await http('/actions/execute', { body: `{"action":"probe.echo","arguments":${args}}`, headers }),
  ];
  for (const answer of answers) expect(answer.status).toBe(400);
  const body = `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"probe.echo","arguments":${args}}}`;
  const stateful = await rpc(http, body, { headers: { 'mcp-session-id': session } });
  // The SDK drops __proto__ by itself and hands the other keys on, which are then refused.
  if (stateful.rpc.error === undefined) expect(stateful.rpc.result.structuredContent.args).toEqual({});
  expect((await http('/tools/probe.echo', { json: {} })).json.polluted).toBeNull();
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('[SEC-04] hostile query keys are refused or kept plain', async () => {
  for (const query of ['__proto__=1', 'constructor=1', '__proto__[polluted]=1'])
    expect((await http(`/probe/things/1?${query}`)).json.polluted).toBeUndefined();
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test.each([200, 5_000, 100_000])('[SEC-04] arguments nested %i deep are refused as arguments', async (levels) => {
  const deep = `{"marker":"x","deep":${nested(levels)}}`;
  const answer = await http('/tools/probe.echo', { body: deep, headers: { 'content-type': 'application/json' } });
  expect({ status: answer.status, code: answer.json.error.code }).toEqual({ status: 400, code: 'validation.failed' });
  const body = `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"probe.echo","arguments":${deep}}}`;
  const stateful = await rpc(http, body, { headers: { 'mcp-session-id': session } });
  expect(stateful.rpc.error.code).not.toBe(0);
  expect((await http('/tools/probe.echo', { json: {} })).status).toBe(200);
});

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'PROBE.ECHO', 'probe_echo.', '../probe.echo'])(
  '[SEC-05] the scope "%s" is not found, on every surface',
  async (name) => {
    const called = await callTool(http, name);
    if (called.rpc.error.data) expect(called.rpc.error.data.error.code).toBe('scope.not_found');
    const stateful = await inSession({ http, session }, 'tools/call', { name, arguments: {} });
    expect({ rpc: stateful.rpc.error.code, code: stateful.rpc.error.data.error.code }).toEqual({
      rpc: -32602,
      code: 'scope.not_found',
    });
    const executed = await http('/actions/execute', { json: { action: name } });
    expect([400, 404]).toContain(executed.status);
    expect((await http(`/tools/${encodeURIComponent(name)}`, { json: {} })).status).toBe(404);
  },
);
