import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf, head, httpClient, parseRaw, rawRequest, type HttpCall } from '../integration/support/http-client.ts';
import { modern } from '../integration/support/mcp-rpc.ts';
import { expectNoUnhandledRejections, startProbeHost, type ProbeHost } from '../integration/support/probe-host.ts';

let host: ProbeHost;
let http: HttpCall;
expectNoUnhandledRejections();
beforeAll(async () => {
  host = await startProbeHost({
    env: { NORTHSTAR_ALLOWED_HOSTS: 'Proxy.test', NORTHSTAR_ALLOWED_ORIGINS: 'https://App.test' },
  });
  http = httpClient(host.url, host.headers);
});
afterAll(() => host.close());

const ROUTES = [
  'GET /health',
  'GET /.well-known/oauth-protected-resource',
  'GET /tools',
  'POST /tools/probe.echo',
  'POST /actions/execute',
  'POST /mcp',
  'GET /mcp',
  'DELETE /mcp',
  'POST /c/chat/mcp',
  'POST /tickets',
  'GET /firearms/bindings',
  'POST /firearms/grants',
  'GET /admin/muscles',
  'PUT /admin/kill-switch',
  'PUT /admin/connections',
  'GET /probe/things/1',
  'GET /nowhere',
  'OPTIONS /tools',
];

const send = async (route: string, headers: Record<string, string>) =>
  parseRaw(await rawRequest(host.url, `${head(route, { ...host.headers, Connection: 'close', ...headers })}\r\n\r\n`));

describe.each(ROUTES)('%s', (route) => {
  test.each([
    'evil.test',
    'localhost.evil.test',
    '127.0.0.1.evil.test',
    'evil.test:8787',
    'localhost@evil.test',
    'localhost:80:80',
    'localhost:99999',
    '0.0.0.0',
    '169.254.169.254',
    '[::ffff:10.0.0.1]',
    'local_host, localhost',
    '127.0.0.1#',
    '',
  ])('[SEC-01] Host "%s" is refused', async (name) => {
    const answer = await send(route, { Host: name });
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 403, code: 'host.forbidden' });
  });

  test.each([
    'http://evil.test',
    'https://localhost.evil.test',
    'null',
    'file://',
    'http://127.0.0.1.evil.test',
    'http://evil.test#localhost',
    'chrome-extension://abcdef',
    'https://app.test.evil.test',
    'http://localhost@evil.test',
  ])('[SEC-01] Origin "%s" is refused', async (origin) => {
    const answer = await send(route, { Host: 'localhost', Origin: origin });
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 403, code: 'origin.forbidden' });
  });
});

test.each(['localhost', 'LOCALHOST:1', '127.0.0.1:8787', '[::1]:8787', 'proxy.test', 'PROXY.test:443'])(
  '[SEC-01] Host "%s" is served',
  async (name) => {
    expect((await send('GET /health', { Host: name })).status).toBe(200);
  },
);

test.each(['http://localhost:5173', 'http://127.0.0.1', 'https://app.test', 'http://[::1]:3000'])(
  '[SEC-01] Origin "%s" is served',
  async (origin) => {
    expect((await send('GET /health', { Host: 'localhost', Origin: origin })).status).toBe(200);
  },
);

test('[SEC-01] a request without Host is refused with an envelope', async () => {
  const answer = parseRaw(await rawRequest(host.url, 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n'));
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(typeof codeOf(answer)).toBe('string');
});

test('[SEC-01] no answer allows another site to read it', async () => {
  const answer = await http('/tools', { headers: { origin: 'http://localhost:5173' } });
  expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
});

test('[SEC-01] MCP takes no body that a page could send without asking the browser', async () => {
  const answer = await modern(http, 'tools/list', {}, { headers: { 'content-type': 'text/plain' } });
  expect(answer.status).toBe(415);
});
