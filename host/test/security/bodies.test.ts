import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeOf, head, httpClient, parseRaw, rawRequest, type HttpCall } from '../integration/support/http-client.ts';
import { callTool } from '../integration/support/mcp-rpc.ts';
import { expectNoUnhandledRejections, startProbeHost, type ProbeHost } from '../integration/support/probe-host.ts';

const LIMIT = 64 * 1024;
let host: ProbeHost;
let http: HttpCall;
expectNoUnhandledRejections();
beforeAll(async () => {
  host = await startProbeHost({ limits: { bodyBytes: LIMIT } });
  http = httpClient(host.url, host.headers);
});
afterAll(() => host.close());

const ROUTES = ['/tools/probe.echo', '/actions/execute', '/mcp', '/probe/echo', '/tickets', '/firearms/grants'];

/** A body without a declared length, in pieces. */
function chunked(bytes: number): ReadableStream<Uint8Array> {
  let left = bytes;
  return new ReadableStream({
    pull(controller) {
      if (left <= 0) return controller.close();
      const size = Math.min(left, 16 * 1024);
      left -= size;
      controller.enqueue(new Uint8Array(size).fill(0x20));
    },
  });
}

async function stillServes(): Promise<void> {
  expect((await http('/tools/probe.echo', { json: { marker: 'after' } })).json.args).toEqual({ marker: 'after' });
}

test.each(ROUTES)('[SEC-02] POST %s refuses a declared body over the limit with 413', async (path) => {
  const answer = await http(path, {
    body: '"'.padEnd(LIMIT + 1, 'x'),
    headers: { 'content-type': 'application/json' },
  });
  expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 413, code: 'request.body_too_large' });
  await stillServes();
});

test.each(ROUTES)('[SEC-02] POST %s refuses a chunked body over the limit with 413', async (path) => {
  const answer = await http(path, { body: chunked(LIMIT * 2), headers: { 'content-type': 'application/json' } });
  expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 413, code: 'request.body_too_large' });
  await stillServes();
});

test('[SEC-02] a sender of 10 MB still reads the refusal', async () => {
  for (let round = 0; round < 5; round++) {
    const answer = await http('/tools/probe.echo', { body: ' '.repeat(10_000_000) });
    expect(answer.status).toBeGreaterThanOrEqual(413);
  }
  const json = { 'content-type': 'application/json' };
  expect((await http('/tools/probe.echo', { body: ' '.repeat(10_000_000), headers: json })).status).toBe(413);
  expect((await http('/mcp', { body: chunked(10_000_000), headers: json })).status).toBe(413);
  await stillServes();
});

test('[SEC-02] a body of exactly the limit is read', async () => {
  const body = `{"marker":"${'x'.repeat(LIMIT - 13)}"}`;
  expect(Buffer.byteLength(body)).toBe(LIMIT);
  expect((await http('/tools/probe.echo', { body, headers: { 'content-type': 'application/json' } })).status).toBe(200);
});

test('[SEC-02] a declared length that lies does not let more in', async () => {
  const headers = { ...host.headers, Host: 'localhost', 'Content-Type': 'application/json', 'Content-Length': '2' };
  const raw = await rawRequest(host.url, `${head('POST /tools/probe.echo', headers)}\r\n\r\n{}${'GET /x'.repeat(9)}`);
  expect([200, 400]).toContain(parseRaw(raw).status);
  expect(raw).not.toContain('GET /x');
  await stillServes();
});

test.each<Record<string, string>>([
  { 'Content-Length': '2', 'Transfer-Encoding': 'chunked' },
  { 'Content-Length': '-1' },
  { 'Content-Length': 'abc' },
  { 'Transfer-Encoding': 'chunked, identity' },
])('[SEC-02] ambiguous framing %o is refused and the connection closed', async (framing) => {
  const headers = { ...host.headers, Host: 'localhost', 'Content-Type': 'application/json', ...framing };
  const smuggled = `${head('GET /health', { Host: 'localhost' })}\r\n\r\n`;
  const raw = await rawRequest(host.url, `${head('POST /tools/probe.echo', headers)}\r\n\r\n0\r\n\r\n${smuggled}`);
  expect(parseRaw(raw).status).toBe(400);
  expect(raw.match(/HTTP\/1\.1 /g)?.length).toBe(1);
});

test('[SEC-02] a caller that stops in the middle of its body blocks nobody', async () => {
  const headers = { ...host.headers, Host: 'localhost', 'Content-Type': 'application/json', 'Content-Length': '100' };
  const half = `${head('POST /mcp', headers)}\r\n\r\n{"a":`;
  const hanging = Array.from({ length: 50 }, () => rawRequest(host.url, half, { end: false, quietMs: 300 }));
  await stillServes();
  expect(await Promise.all(hanging)).toEqual(hanging.map(() => ''));
  await stillServes();
});

test('[SEC-02] a caller that hangs up in the middle of its body leaves no error behind', async () => {
  const before = host.logged.filter((line) => line.includes('"error"')).length;
  const headers = { ...host.headers, Host: 'localhost', 'Content-Type': 'application/json', 'Content-Length': '100' };
  const routes = {
    'POST /mcp': 'application/json',
    'POST /tools/probe.echo': 'application/json',
    'PUT /probe/files/half': 'application/octet-stream',
  };
  for (const [route, type] of Object.entries(routes)) {
    const half = `${head(route, { ...headers, 'Content-Type': type })}\r\n\r\n{"a":`;
    await rawRequest(host.url, half, { quietMs: 200 }).catch(() => '');
  }
  await stillServes();
  expect(host.logged.filter((line) => line.includes('"error"')).length).toBe(before);
});

test('[SEC-02] an unauthorised sender of an endless body is cut off', async () => {
  const headers = { Host: 'localhost', 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' };
  const socket = connect(Number(new URL(host.url).port), '127.0.0.1');
  let raw = '';
  socket.on('data', (chunk) => (raw += String(chunk))).on('error', () => undefined);
  socket.write(`${head('POST /mcp', headers)}\r\n\r\n5\r\n{"a":\r\n`);
  await once(socket, 'close');
  expect(codeOf(parseRaw(raw))).toBe('context.missing_mode');
});

test('[SEC-02] a client that is still sending an oversized body gets the answer, not a broken connection', async () => {
  const body = 'x'.repeat(10 * 1024 * 1024);
  for (let i = 0; i < 10; i++) {
    const answer = await http('/mcp', { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 413, code: 'request.body_too_large' });
  }
});

test('[SEC-02] headers over the limit are refused with an envelope', async () => {
  const raw = await rawRequest(
    host.url,
    `${head('GET /health', { Host: 'localhost', 'X-A': 'a'.repeat(40_000) })}\r\n\r\n`,
  );
  const answer = parseRaw(raw);
  expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 431, code: 'request.headers_too_large' });
});

test('[SEC-02] a large body over MCP is refused without ending the session of others', async () => {
  expect((await callTool(http, 'probe.echo', { marker: 'x'.repeat(LIMIT) })).status).toBe(413);
  expect((await callTool(http, 'probe.echo', { marker: 'x' })).status).toBe(200);
});
