import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeOf, head, httpClient, parseRaw, rawRequest, type HttpCall } from '../integration/support/http-client.ts';
import { expectNoUnhandledRejections, startProbeHost, type ProbeHost } from '../integration/support/probe-host.ts';

let host: ProbeHost;
let http: HttpCall;
expectNoUnhandledRejections();
beforeAll(async () => {
  host = await startProbeHost();
  http = httpClient(host.url, host.headers);
});
afterAll(() => host.close());

test.each([
  'a\r\n{"level":"error","forged":true}',
  '\u001b[31mred\u001b[0m',
  'a\u2028b\u2029c',
  'a\u0000b',
  '"},{"x":"',
])('[SEC-13] the log line %j stays one line of JSON that forges nothing', async (line) => {
  const before = host.logged.length;
  await http('/tools/probe.chatter', { json: { line } });
  await http('/tools/probe.crash', { json: {}, headers: { 'X-Request-Id': 'req_log' } });
  const lines = host.logged.slice(before);
  expect(lines.length).toBeGreaterThan(1);
  for (const entry of lines) {
    for (const forbidden of ['\r', '\n', '\u001b']) expect(entry.trimEnd()).not.toContain(forbidden);
    expect(JSON.parse(entry)).not.toHaveProperty('forged');
  }
});

test.each([
  '/tools/..%2f..%2fetc%2fpasswd',
  '/tools/%2e%2e%2fadmin',
  '/tools/probe.echo%00',
  '/tools/probe.echo/',
  '/tools/probe.echo/../../admin/muscles',
  '/probe/files/..%2f..%2f..%2fetc%2fpasswd',
  '/probe/files/%2e%2e',
  '/probe/files/%252e%252e%252fetc',
  '/probe/files/%00',
  '/probe/files/a%2fb',
  '/probe//files/x',
  '/./probe/files/x',
  '/probe/files/x;y',
  '/probe/files/',
  '/c/..%2f..%2f/mcp',
])('[SEC-14] GET %s reads no file and is answered with an envelope', async (path) => {
  const headers = { ...host.headers, Host: 'localhost', Connection: 'close' };
  const answer = parseRaw(await rawRequest(host.url, `${head(`GET ${path}`, headers)}\r\n\r\n`));
  expect([400, 404, 405]).toContain(answer.status);
  expect(typeof codeOf(answer)).toBe('string');
});

test.each([
  '//',
  '//evil.test/tools',
  '//[',
  '/tools?ticket=%',
  '*',
  'http://evil.test/tools',
  'http://[/',
  '/%',
  '/tools/%zz',
  '/probe/files/%',
  '/%c0%af',
])('[SEC-14] the request target %s is answered with an envelope that is not 500', async (target) => {
  for (const method of ['GET', 'POST', 'OPTIONS', 'DELETE']) {
    const headers = { ...host.headers, Host: 'localhost', Connection: 'close' };
    const answer = parseRaw(await rawRequest(host.url, `${head(`${method} ${target}`, headers)}\r\n\r\n`));
    expect({ method, status: answer.status }).toEqual({ method, status: expect.toSatisfy((s: number) => s < 500) });
    if (answer.status >= 400) expect(typeof codeOf(answer)).toBe('string');
  }
});

test('[SEC-14] a download is never run by a browser', async () => {
  const html = '<script>alert(1)</script>';
  await http('/probe/files/page', { method: 'PUT', body: html, headers: { 'content-type': 'text/html' } });
  const { headers, text } = await http('/probe/files/page');
  expect(text).toBe(html);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toContain('sandbox');
  expect(headers.get('content-disposition')).toMatch(/^attachment/);
});
