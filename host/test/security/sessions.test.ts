import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { codeOf, httpClient, type HttpCall } from '../integration/support/http-client.ts';
import { initialize, inSession } from '../integration/support/mcp-rpc.ts';
import { expectNoUnhandledRejections, startProbeHost, type ProbeHost } from '../integration/support/probe-host.ts';

const IDLE_MS = 60_000;
let host: ProbeHost;
expectNoUnhandledRejections();
beforeAll(async () => {
  host = await startProbeHost({ limits: { sessions: 8, sessionsPerCaller: 3, sessionIdleMs: IDLE_MS } });
});
afterAll(() => host.close());
afterEach(() => host.sessions.sweep(Date.now() + 10 * IDLE_MS));

const as = (headers: Record<string, string>): HttpCall => httpClient(host.url, { ...host.headers, ...headers });
const ping = async (http: HttpCall, session: string) => (await inSession({ http, session }, 'ping')).status;
async function open(http: HttpCall): Promise<string> {
  const { session } = await initialize(http);
  if (session === undefined) throw new Error('no session was opened');
  return session;
}

test.each<Record<string, string>>([
  { 'X-Tenant-Id': 't_other' },
  { 'X-User-Id': 'u_other' },
  { 'X-Project-Id': 'p_other' },
])('[SEC-06] the session of another is as unknown as none: %o', async (other) => {
  const session = await open(as({}));
  const thief = as(other);
  const headers = { 'mcp-session-id': session, accept: 'text/event-stream' };
  const unknown = await inSession({ http: thief, session: 'no-such-session' }, 'tools/list');
  const stolen = await inSession({ http: thief, session }, 'tools/list');
  expect(unknown.status).toBe(404);
  expect({ status: stolen.status, rpc: stolen.rpc }).toEqual({ status: 404, rpc: unknown.rpc });
  expect((await thief('/mcp', { headers })).status).toBe(404);
  expect((await thief('/mcp', { method: 'DELETE', headers })).status).toBe(404);
  expect(await ping(as({}), session)).toBe(200);
});

test('[SEC-06] a deleted session is gone', async () => {
  const http = as({});
  const session = await open(http);
  expect((await http('/mcp', { method: 'DELETE', headers: { 'mcp-session-id': session } })).status).toBe(200);
  expect(await ping(http, session)).toBe(404);
  expect(host.sessions.size).toBe(0);
});

test('[SEC-06] session ids are long and random', async () => {
  const ids = [await open(as({})), await open(as({}))];
  expect(ids[0]).not.toBe(ids[1]);
  expect(ids.every((id) => id.length >= 32)).toBe(true);
});

test('[SEC-07] one caller may open so many sessions, and its projects do not multiply them', async () => {
  for (let index = 0; index < 3; index++) await open(as({ 'X-Project-Id': `p_${index}` }));
  const refused = await initialize(as({ 'X-Project-Id': 'p_more' }));
  expect({ status: refused.status, code: codeOf(refused) }).toEqual({ status: 503, code: 'overload.sessions' });
  expect(typeof (await open(as({ 'X-User-Id': 'u_other' })))).toBe('string');
});

test('[SEC-07] racing initializes do not get past the cap', async () => {
  const http = as({ 'X-User-Id': 'u_racer' });
  const answers = await Promise.all(Array.from({ length: 20 }, () => initialize(http)));
  expect(answers.filter(({ session }) => session !== undefined).length).toBe(3);
  expect(host.sessions.size).toBe(3);
});

test('[SEC-07] the host takes so many sessions of all callers, and one more after one has ended', async () => {
  const callers = Array.from({ length: 8 }, (_, index) => as({ 'X-User-Id': `u_${index}` }));
  const ids = await Promise.all(callers.map(open));
  const more = as({ 'X-User-Id': 'u_more' });
  expect(codeOf(await initialize(more))).toBe('overload.sessions');
  await callers[0]!('/mcp', { method: 'DELETE', headers: { 'mcp-session-id': ids[0]! } });
  expect(typeof (await open(more))).toBe('string');
});

test('[SEC-07] an initialize that fails takes no place', async () => {
  const http = as({ 'X-User-Id': 'u_clumsy' });
  for (let index = 0; index < 5; index++) await initialize(http, { headers: { accept: 'text/html' } });
  expect(host.sessions.size).toBe(0);
  expect(typeof (await open(http))).toBe('string');
});

test('[SEC-07] an idle session expires, one in use does not', async () => {
  const http = as({});
  const idle = await open(http);
  host.sessions.sweep(Date.now() + IDLE_MS / 2);
  expect(await ping(http, idle)).toBe(200);
  host.sessions.sweep(Date.now() + IDLE_MS + 1000);
  expect(await ping(http, idle)).toBe(404);

  const busy = await open(http);
  const hangUp = new AbortController();
  const stream = await fetch(`${host.url}/mcp`, {
    headers: { ...host.headers, 'mcp-session-id': busy, accept: 'text/event-stream' },
    signal: hangUp.signal,
  });
  host.sessions.sweep(Date.now() + IDLE_MS + 1000);
  expect(await ping(http, busy)).toBe(200);
  hangUp.abort();
  await stream.text().catch(() => '');
});

test('[SEC-07] a session watches so many resources and no more, and only ones that there are', async () => {
  const http = as({});
  const session = await open(http);
  let id = 0;
  const watch = async (uri: string) =>
    (await inSession({ http, session, id: ++id }, 'resources/subscribe', { uri })).rpc;
  expect((await watch('probe://status')).result).toEqual({});
  expect((await watch('nowhere://at/all')).error.code).toBe(-32602);
  const codes = new Set<unknown>();
  for (let index = 0; index < 1100; index += 100)
    for (const answer of await Promise.all(
      Array.from({ length: 100 }, (_, offset) => watch(`probe://notes/${index + offset}`)),
    ))
      codes.add(answer.error?.code ?? 'ok');
  expect([...codes]).toEqual(['ok', 503]);
});
