import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf, head, httpClient, parseRaw, rawRequest } from '../integration/support/http-client.ts';
import { expectNoUnhandledRejections, startProbeHost, type ProbeHost } from '../integration/support/probe-host.ts';

let host: ProbeHost;
expectNoUnhandledRejections();
beforeAll(async () => {
  host = await startProbeHost();
});
afterAll(() => host.close());

const SOUND = { 'X-Mode': 'lab', 'X-Tenant-Id': 't_test', 'X-Project-Id': 'p_test' };
const ROUTES = [
  { path: '/health', method: 'GET' },
  { path: '/tools', method: 'GET' },
  { path: '/mcp', method: 'POST' },
  { path: '/tickets', method: 'POST' },
  { path: '/probe/things/1', method: 'GET' },
  { path: '/admin/muscles', method: 'GET' },
];

/** A header that was not sent, and the code that says so. /health does not ask for any. */
const MISSING = [
  { header: 'X-Mode', code: 'context.missing_mode' },
  { header: 'X-Tenant-Id', code: 'context.missing_tenant' },
  { header: 'X-Project-Id', code: 'context.missing_project' },
];
const INVALID = [
  { header: 'X-Mode', value: 'prod', code: 'context.invalid_mode' },
  { header: 'X-Mode', value: 'LAB', code: 'context.invalid_mode' },
  { header: 'X-Mode', value: 'lab, lab', code: 'context.invalid_mode' },
  { header: 'X-Tenant-Id', value: 'acme', code: 'context.invalid_tenant' },
  { header: 'X-Tenant-Id', value: 't_', code: 'context.invalid_tenant' },
  { header: 'X-Tenant-Id', value: 'T_ACME', code: 'context.invalid_tenant' },
  { header: 'X-Tenant-Id', value: 't_a/../t_b', code: 'context.invalid_tenant' },
  { header: 'X-Tenant-Id', value: 't_a, t_b', code: 'context.invalid_tenant' },
  { header: 'X-Tenant-Id', value: 't_\u00e4', code: 'context.invalid_tenant' },
  { header: 'X-Tenant-Id', value: 't___proto__!', code: 'context.invalid_tenant' },
  { header: 'X-Tenant-Id', value: `t_${'a'.repeat(63)}`, code: 'context.invalid_tenant' },
  { header: 'X-Project-Id', value: 'p b', code: 'context.invalid_project' },
  { header: 'X-Project-Id', value: `p${'x'.repeat(128)}`, code: 'context.invalid_project' },
  { header: 'X-User-Id', value: 'ann bob', code: 'context.invalid_header' },
  { header: 'X-App-Id', value: '../a', code: 'context.invalid_header' },
  { header: 'X-Surface-Id', value: '<script>', code: 'context.invalid_header' },
  { header: 'X-Request-Id', value: 'a"b', code: 'context.invalid_header' },
  { header: 'X-Run-Id', value: 'r\u00fcn', code: 'context.invalid_header' },
  { header: 'X-Step-Id', value: 's,t', code: 'context.invalid_header' },
  { header: 'X-Env', value: 'prod', code: 'context.forbidden_env' },
  { header: 'X-Env', value: '', code: 'context.forbidden_env' },
];

describe.each(ROUTES)('$method $path', ({ path, method }) => {
  test.each(INVALID)('[ID-01] $header "$value" is refused with $code', async ({ header, value, code }) => {
    const http = httpClient(host.url, { ...SOUND, [header]: value });
    const answer = await http(path, method === 'POST' ? { json: {} } : {});
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 400, code });
  });

  if (path === '/health') return;
  test.each(MISSING)('[ID-01] a request without $header is refused with $code', async ({ header, code }) => {
    const { [header as keyof typeof SOUND]: _left, ...rest } = SOUND;
    const answer = await httpClient(host.url, rest)(path, method === 'POST' ? { json: {} } : {});
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 400, code });
  });
});

test('[ID-01] /health answers without any identity header', async () => {
  const answer = await httpClient(host.url, {})('/health');
  expect({ status: answer.status, ok: answer.json.status }).toEqual({ status: 200, ok: 'ok' });
});

test('[ID-01] a header sent twice is refused, whichever value would win', async () => {
  const text = `${head('GET /tools', { Host: 'localhost', ...SOUND, Connection: 'close' })}\r\nX-Tenant-Id: t_other\r\n\r\n`;
  const answer = parseRaw(await rawRequest(host.url, text));
  expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 400, code: 'context.invalid_tenant' });
});

test.each([
  { what: 'a NUL', value: 'lab\u0000' },
  { what: 'a bare line feed', value: 'lab\nX-Env: prod' },
  { what: 'a bare carriage return', value: 'lab\rX' },
])('[ID-01] $what in a header is refused with an envelope', async ({ value }) => {
  const text = `${head('GET /tools', { Host: 'localhost', ...SOUND, 'X-Mode': value })}\r\n\r\n`;
  const answer = parseRaw(await rawRequest(host.url, text));
  expect({ status: answer.status, hasCode: typeof codeOf(answer) }).toEqual({ status: 400, hasCode: 'string' });
});

test('[ID-01] the lab caller is u_lab, or whom X-User-Id names', async () => {
  const http = httpClient(host.url, SOUND);
  const facts = async (headers: Record<string, string>) =>
    (await http('/tools/probe.echo', { json: {}, headers })).json.request;
  expect((await facts({})).actor).toEqual({ type: 'user', id: 'u_lab' });
  expect((await facts({ 'X-User-Id': 'u_ann' })).actor).toEqual({ type: 'user', id: 'u_ann' });
});

test('[ID-01] correlation headers reach the muscle, and a malformed traceparent is dropped', async () => {
  const http = httpClient(host.url, SOUND);
  const headers = { 'X-Request-Id': 'req_1', 'X-Run-Id': 'run_1', 'X-Step-Id': 'step_1', traceparent: 'nonsense' };
  const answer = await http('/tools/probe.echo', { json: {}, headers });
  expect(answer.headers.get('x-request-id')).toBe('req_1');
  expect(answer.json.request).toMatchObject({ requestId: 'req_1', runId: 'run_1', stepId: 'step_1' });
  expect(answer.json.request.traceparent).toBeUndefined();
});

test.each(['saas', 'enterprise'])('[ID-05] %s without authentication is refused', async (mode) => {
  const answer = await httpClient(host.url, { ...SOUND, 'X-Mode': mode })('/tools');
  expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 403, code: 'identity.mode_not_allowed' });
});
