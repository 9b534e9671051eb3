import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf, head, httpClient, rawRequest, type Call, type HttpCall } from './support/http-client.ts';
import { expectNoUnhandledRejections, startProbeHost, type ProbeHost } from './support/probe-host.ts';

let host: ProbeHost;
let http: HttpCall;
expectNoUnhandledRejections();
beforeAll(async () => {
  host = await startProbeHost();
  http = httpClient(host.url, host.headers);
});
afterAll(() => host.close());

const text: Call = { method: 'POST', body: 'hello', headers: { 'content-type': 'text/plain' } };
const broken: Call = { method: 'POST', body: '{"a":', headers: { 'content-type': 'application/json' } };
const as = (method: string, call: Call): Call => ({ ...call, method });

const WRONG: { path: string; call: Call; status: number; code: string }[] = [
  { path: '/nowhere', call: {}, status: 404, code: 'route.not_found' },
  { path: '/tools/nobody.knows', call: { json: {} }, status: 404, code: 'scope.not_found' },
  { path: '/tools', call: { method: 'DELETE' }, status: 405, code: 'request.method_not_allowed' },
  { path: '/tools/probe.echo', call: {}, status: 405, code: 'request.method_not_allowed' },
  { path: '/actions/execute', call: {}, status: 405, code: 'request.method_not_allowed' },
  { path: '/tickets', call: {}, status: 405, code: 'request.method_not_allowed' },
  { path: '/firearms/bindings', call: { json: {} }, status: 405, code: 'request.method_not_allowed' },
  { path: '/admin/muscles', call: { method: 'PUT' }, status: 405, code: 'request.method_not_allowed' },
  { path: '/probe/echo', call: {}, status: 405, code: 'request.method_not_allowed' },
  ...['/tools/probe.echo', '/actions/execute', '/tickets', '/firearms/grants', '/probe/echo'].flatMap((path) => [
    { path, call: text, status: 415, code: 'request.unsupported_media_type' },
    { path, call: broken, status: 400, code: 'request.invalid' },
  ]),
  ...['/firearms/bindings', '/admin/kill-switch', '/admin/connections'].flatMap((path) => [
    { path, call: as('PUT', text), status: 415, code: 'request.unsupported_media_type' },
    { path, call: as('PUT', broken), status: 400, code: 'request.invalid' },
    { path, call: { method: 'PUT', json: [] }, status: 400, code: 'request.invalid' },
    { path, call: { method: 'PUT', json: { typo: 1 } }, status: 400, code: 'request.invalid' },
    { path, call: { method: 'PUT' }, status: 400, code: 'request.invalid' },
  ]),
  { path: '/tools/probe.echo', call: { json: [] }, status: 400, code: 'validation.failed' },
  { path: '/tools/probe.echo', call: { json: { marker: 7 } }, status: 400, code: 'validation.failed' },
  { path: '/tools/probe.facts', call: { json: { extra: 7 } }, status: 400, code: 'validation.failed' },
  { path: '/actions/execute', call: { json: {} }, status: 400, code: 'request.invalid' },
  { path: '/actions/execute', call: { json: { action: 'x.y' } }, status: 404, code: 'scope.not_found' },
  { path: '/firearms/bindings', call: { method: 'DELETE' }, status: 400, code: 'request.invalid' },
  {
    path: '/firearms/bindings?tool_id=a&scope_name=b',
    call: { method: 'DELETE' },
    status: 404,
    code: 'binding.not_found',
  },
  { path: '/firearms/grants/none', call: { method: 'DELETE' }, status: 404, code: 'grant.not_found' },
  { path: '/admin/connections/none', call: { method: 'DELETE' }, status: 404, code: 'connection.not_found' },
  { path: '/tools/%zz', call: { json: {} }, status: 400, code: 'request.invalid' },
  { path: '/firearms/grants/%', call: { method: 'DELETE' }, status: 400, code: 'request.invalid' },
  { path: '/probe/files/none', call: {}, status: 404, code: 'probe.file_not_found' },
  { path: '/c/nobody/mcp', call: { json: {} }, status: 404, code: 'connection.not_found' },
  { path: '/.well-known/oauth-protected-resource', call: {}, status: 404, code: 'route.not_found' },
  { path: '/.well-known/oauth-authorization-server', call: {}, status: 404, code: 'route.not_found' },
];

test.each(WRONG)(
  '[HTTP-01] $call.method $path answers $status $code as an envelope',
  async ({ path, call, status, code }) => {
    const answer = await http(path, call);
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status, code });
    const { error, ...rest } = answer.json;
    expect(rest).toEqual({});
    expect(error).toEqual({
      code,
      message: expect.stringMatching(new RegExp(`^${code}: .+`)),
      http_status: status,
      details: expect.any(Object),
      request_id: expect.stringMatching(/^req_/),
      retryable: false,
      ...(error.gate !== undefined && { gate: expect.any(String) }),
    });
    expect(answer.headers.get('x-request-id')).toBe(error.request_id);
    expect(answer.headers.get('content-type')).toContain('application/json');
    if (status === 405) expect(answer.headers.get('allow')).toMatch(/^[A-Z, ]+$/);
  },
);

describe('[HTTP-02] bindings', () => {
  test('[HTTP-02] the path wins over body and query, the body over the query', async () => {
    const answer = await http('/probe/things/path?thing_id=query&note=query', {
      json: { thing_id: 'body', note: 'body' },
    });
    expect(answer.json.args).toEqual({ thing_id: 'path', note: 'body' });
    expect((await http('/probe/things/path', { json: null })).json.args).toEqual({ thing_id: 'path' });
  });

  test('[HTTP-02] a parameter that comes twice is a list, and the path is decoded once', async () => {
    expect((await http('/probe/things/a%2520b?tag=1&tag=2')).json.args).toEqual({ thing_id: 'a%20b', tag: ['1', '2'] });
    expect((await http('/probe/things/a%2Fb?tag=1')).json.args).toEqual({ thing_id: 'a/b', tag: '1' });
  });

  test('[HTTP-02] a GET may state a content type although it has no body', async () => {
    expect((await http('/probe/things/1', { headers: { 'content-type': 'text/plain' } })).status).toBe(200);
  });

  test('[HTTP-02] a streamed upload of 8 MB comes back byte for byte, whole and in ranges', async () => {
    const bytes = Buffer.alloc(8_000_000, 'northstar ');
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent >= bytes.length) return controller.close();
        controller.enqueue(bytes.subarray(sent, (sent += 500_000)));
      },
    });
    const type = { 'content-type': 'application/x-test' };
    const stored = await http('/probe/files/big', { method: 'PUT', body, headers: type });
    expect(stored.json).toMatchObject({ uploaded: true, size: bytes.length });
    const whole = await fetch(`${host.url}/probe/files/big`, { headers: host.headers });
    expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true);
    expect(whole.headers.get('content-type')).toBe('application/x-test');
    for (const [range, from, to] of [
      ['0-9', 0, 10],
      ['7999990-', 7_999_990, 8_000_000],
      ['-5', 7_999_995, 8_000_000],
    ] as const) {
      const part = await http('/probe/files/big', { headers: { range: `bytes=${range}` } });
      expect(part.status).toBe(206);
      expect(part.text).toBe(bytes.subarray(from, to).toString());
      expect(part.headers.get('content-range')).toBe(`bytes ${from}-${to - 1}/8000000`);
    }
  });

  test('[HTTP-02] a range outside the content is refused with an envelope and the size', async () => {
    await http('/probe/files/small', { method: 'PUT', body: '12345', headers: { 'content-type': 'text/plain' } });
    for (const range of ['bytes=5-', 'bytes=9-10', 'bytes=-0', 'bytes=3-1']) {
      const answer = await http('/probe/files/small', { headers: { range } });
      expect({ status: answer.status, code: codeOf(answer) }).toEqual({
        status: 416,
        code: 'request.range_not_satisfiable',
      });
      expect(answer.headers.get('content-range')).toBe('bytes */5');
    }
    for (const range of ['bytes=0-1,3-4', 'lines=1-2', 'bytes=a-b'])
      expect((await http('/probe/files/small', { headers: { range } })).text).toBe('12345');
  });

  test('[HTTP-02] HEAD tells what GET would, without the body', async () => {
    await http('/probe/files/head', { method: 'PUT', body: '12345', headers: { 'content-type': 'text/plain' } });
    const answer = await http('/probe/files/head', { method: 'HEAD' });
    expect({ status: answer.status, text: answer.text, length: answer.headers.get('content-length') }).toEqual({
      status: 200,
      text: '',
      length: '5',
    });
    expect((await http('/tools', { method: 'HEAD' })).status).toBe(200);
    expect((await http('/nowhere', { method: 'HEAD' })).status).toBe(404);
  });

  test('[HTTP-02] OPTIONS tells methods and allows no other site anything', async () => {
    for (const path of ['/tools', '/probe/files/x', '/mcp']) {
      const { headers } = await http(path, { method: 'OPTIONS' });
      expect(headers.get('allow')).toContain(path === '/mcp' ? 'POST' : 'GET');
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  test.each(['short', 'midway'])(
    '[HTTP-02] bytes that turn out %s end the connection instead of lying',
    async (lie) => {
      await expect(http(`/probe/lies/${lie}`)).rejects.toThrow();
      expect((await http('/health')).status).toBe(200);
    },
  );

  test('[HTTP-02] bytes beyond the stated size never reach the connection, where they would pass for an answer', async () => {
    const get = `${head('GET /probe/lies/long', { ...host.headers, Host: 'localhost' })}\r\n\r\n`;
    const raw = await rawRequest(host.url, get, { end: false });
    expect(raw).toContain('12345');
    expect(raw.match(/HTTP\/1\.1 /g)?.length).toBe(1);
  });

  test.each(['unopenable', 'headers'])('[HTTP-02] bytes that are %s are refused with an envelope', async (lie) => {
    const answer = await http(`/probe/lies/${lie}`);
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 500, code: 'internal' });
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  test('[HTTP-02] an upload over its own limit stores nothing', async () => {
    const call = { method: 'PUT', body: 'x'.repeat(100), headers: { 'content-type': 'text/plain' } };
    const answer = await http('/probe/files/limited?max_bytes=10', call);
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 413, code: 'payload.too_large' });
    expect((await http('/probe/files/limited')).status).toBe(404);
  });
});

test('[HTTP-03] /actions/execute runs a scope, with or without a subject beside it', async () => {
  const run = (json: object) => http('/actions/execute', { json });
  expect((await run({ action: 'probe.echo', arguments: { marker: 'a' } })).json.args).toEqual({ marker: 'a' });
  expect((await run({ action: 'probe_echo' })).status).toBe(200);
  const subject = { subject_type: 'order', subject_id: 'o1' };
  expect((await run({ action: 'probe.echo', ...subject })).status).toBe(200);
  for (const half of [{ subject_type: 'order' }, { subject_id: 'o1' }, { ...subject, subject_id: '' }])
    expect(codeOf(await run({ action: 'probe.echo', ...half }))).toBe('request.invalid');
});

test('[HTTP-03] a scope that reports a failure, or asks its caller, is not taken for a success', async () => {
  const failed = await http('/tools/probe.answer', { json: { what: 'failure' } });
  expect({ status: failed.status, code: codeOf(failed) }).toEqual({ status: 422, code: 'muscle.reported_error' });
  expect(failed.json.error.message).toContain('out of paper');
});
