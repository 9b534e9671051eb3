import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { codeOf, httpClient, type HttpCall } from './support/http-client.ts';
import { callTool, initialize, inSession, rpc } from './support/mcp-rpc.ts';
import { expectNoUnhandledRejections, startProbeHost, type ProbeHost } from './support/probe-host.ts';

let host: ProbeHost;
let http: HttpCall;
expectNoUnhandledRejections();
beforeAll(async () => {
  host = await startProbeHost({ limits: { resultBytes: 10_000 } });
  http = httpClient(host.url, host.headers);
});
afterAll(() => host.close());

type State = Record<'started' | 'aborted' | 'late', string[]>;
const state = async (): Promise<State> => (await http('/tools/probe.state', { json: {} })).json;
const reaches = (list: keyof State, id: string) =>
  vi.waitFor(async () => expect((await state())[list]).toContain(id), { timeout: 5000, interval: 30 });

test('[PIPE-01] at its deadline a handler is aborted and the caller hears muscle.failed', async () => {
  const answer = await http('/tools/probe.stall', { json: { id: 'stall' } });
  expect({ status: answer.status, code: codeOf(answer), retryable: answer.json.error.retryable }).toEqual({
    status: 503,
    code: 'muscle.failed',
    retryable: true,
  });
  expect(answer.json.error.details).toMatchObject({ timeout_ms: 200, action_name: 'probe.stall' });
  await reaches('aborted', 'stall');
});

test('[PIPE-01] what a handler answers or throws after its deadline is ignored', async () => {
  for (const ignore of [false, true]) {
    const id = `late-${ignore}`;
    expect((await callTool(http, 'probe.stall', { id, ignore })).rpc.error.data.error.code).toBe('muscle.failed');
    await reaches('late', id);
  }
  expect((await http('/tools/probe.echo', { json: {} })).status).toBe(200);
});

test('[PIPE-01] a caller that hangs up over HTTP aborts its handler', async () => {
  const hangUp = new AbortController();
  const call = http('/tools/probe.sleep', { json: { id: 'http-gone' }, signal: hangUp.signal });
  await reaches('started', 'http-gone');
  hangUp.abort();
  await expect(call).rejects.toThrow();
  await reaches('aborted', 'http-gone');
});

test('[PIPE-01] a caller that hangs up over stateless MCP aborts its handler', async () => {
  const hangUp = new AbortController();
  const call = callTool(http, 'probe.sleep', { id: 'mcp-gone' }, { signal: hangUp.signal });
  await reaches('started', 'mcp-gone');
  hangUp.abort();
  await expect(call).rejects.toThrow();
  await reaches('aborted', 'mcp-gone');
});

test('[PIPE-01] a cancellation in a session aborts its handler, and only of that session', async () => {
  const sessions = [(await initialize(http)).session ?? '', (await initialize(http)).session ?? ''];
  const hangUp = new AbortController();
  const calls = sessions.map((session, index) =>
    inSession({ http, session, signal: hangUp.signal }, 'tools/call', {
      name: 'probe_sleep',
      arguments: { id: `sess-${index}`, ms: 3000 },
    }).catch(() => undefined),
  );
  await reaches('started', 'sess-0');
  await reaches('started', 'sess-1');
  const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7, reason: 'test' } };
  await rpc(http, cancel, { headers: { 'mcp-session-id': sessions[0] ?? '' } });
  await reaches('aborted', 'sess-0');
  expect((await calls[1])?.rpc.result.structuredContent).toEqual({ id: 'sess-1', slept: true });
  hangUp.abort();
  await Promise.all(calls);
});

test('[PIPE-01] cancelling a call that has ended does nothing', async () => {
  const { session = '' } = await initialize(http);
  await inSession({ http, session }, 'tools/call', { name: 'probe_echo', arguments: {} });
  const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } };
  expect((await rpc(http, cancel, { headers: { 'mcp-session-id': session } })).status).toBe(202);
  expect((await inSession({ http, session }, 'ping')).status).toBe(200);
});

test('[PIPE-02] an answer outside the output model is masked, and the log says what did not fit', async () => {
  const answer = await http('/tools/probe.wrong', { json: {} });
  expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 500, code: 'muscle.invalid_result' });
  expect(answer.text).not.toContain('hunter2');
  const entry = host.logged.find((line) => line.includes(answer.json.error.request_id));
  expect(entry).toContain('marker');
});

test.each(['bigint', 'cyclic', 'function', 'getter'])(
  '[PIPE-02] an answer that is not JSON (%s) is refused',
  async (what) => {
    const answer = await http('/tools/probe.answer', { json: { what } });
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 500, code: 'muscle.invalid_result' });
  },
);

test('[PIPE-03] a MuscleError reaches the caller word for word, on every surface', async () => {
  const error = {
    code: 'probe.not_today',
    message: 'probe.not_today: The probe does not do this today. Come back tomorrow.',
    http_status: 409,
    details: { day: 'today' },
    retryable: true,
  };
  expect(await http('/tools/probe.refuse', { json: {} })).toMatchObject({ status: 409, json: { error } });
  expect((await callTool(http, 'probe.refuse')).rpc.error).toMatchObject({
    code: 409,
    message: error.message,
    data: { error },
  });
});

test.each([
  { how: 'status', status: 500, code: 'probe.not_today' },
  { how: 'code', status: 409, code: 'muscle.reported_error' },
  { how: 'cyclic', status: 409, code: 'probe.not_today' },
  { how: 'bigint', status: 409, code: 'probe.not_today' },
  { how: 'getter', status: 500, code: 'internal' },
])('[PIPE-03] a MuscleError with an unusable $how is brought into form', async ({ how, status, code }) => {
  const answer = await http('/tools/probe.refuse', { json: { how } });
  expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status, code });
  expect((await callTool(http, 'probe.refuse', { how })).rpc.error.data.error.code).toBe(code);
});

test('[PIPE-03] a MuscleError of 20 MB is cut', async () => {
  expect((await http('/tools/probe.refuse', { json: { how: 'huge' } })).text.length).toBeLessThan(10_000);
});

test.each(['error', 'code', 'text', 'cycle', 'nothing'])(
  '[PIPE-03] anything else that is thrown (%s) is internal, with a reference that the log has',
  async (how) => {
    const answer = await http('/tools/probe.crash', { json: { how } });
    const { code, request_id } = answer.json.error;
    expect({ status: answer.status, code }).toEqual({ status: 500, code: 'internal' });
    expect(answer.json.error.message).toContain(request_id);
    expect(host.logged.some((line) => line.includes(request_id) && line.includes('probe.crash'))).toBe(true);
  },
);

test('[PIPE-03] a failure while bytes are read has a reference that the log has, over MCP too', async () => {
  const { error } = (await callTool(http, 'probe.lie', { lie: 'unopenable' })).rpc;
  expect(error.data.error.code).toBe('internal');
  expect(host.logged.some((line) => line.includes(error.data.error.request_id))).toBe(true);
});

test.each(['structured', 'content'])(
  '[PIPE-04] an answer over the limit in its %s is refused by bytes',
  async (what) => {
    const answer = await http('/tools/probe.answer', { json: { what, bytes: 12_000 } });
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 413, code: 'payload.too_large' });
    expect((await http('/tools/probe.answer', { json: { what, bytes: 8_000 } })).status).toBe(200);
  },
);

test('[PIPE-04] a context has the capabilities that the spec requires and no others', async () => {
  const base = [
    'clientCapabilities',
    'deadline',
    'gate',
    'log',
    'notifyLog',
    'progress',
    'request',
    'resourceUpdated',
    'signal',
  ];
  const keys = async (scope: string) => (await http(`/tools/${scope}`, { json: {} })).json.keys;
  expect(await keys('neighbour.facts')).toEqual([...base, 'tabular'].sort());
  expect(await keys('probe.facts')).toEqual([...base, 'tabular', 'objects', 'events'].sort());
});

test('[PIPE-04] the denial of a finer question reaches the caller, unless the handler deals with it', async () => {
  const json = { tool_id: 'probe', scope_name: 'probe.finer', license_types: ['lic.finer'] };
  await http('/firearms/bindings', { method: 'PUT', json });
  const denied = await http('/tools/probe.ask_gate', { json: { action: 'probe.finer' } });
  expect({ status: denied.status, code: codeOf(denied) }).toEqual({ status: 403, code: 'firearms.missing_grant' });
  expect(denied.json.error.details.action_name).toBe('probe.finer');
  const dealt = await http('/tools/probe.ask_gate', { json: { action: 'probe.finer', swallow: true } });
  expect(dealt.json).toEqual({ allowed: false });
});

test('[PIPE-04] writing to the console harms nothing', async () => {
  expect((await http('/tools/probe.chatter', { json: { line: 'hello' } })).json).toEqual({ logged: true });
  await wait(0);
});
