import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '@northstar/sdk';
import { auditStream } from '../../src/spine/audit-record.ts';
import { verifyAudit } from '../../src/spine/verify-audit.ts';
import { allEvents } from '../../src/stores/contract/contract-kit.ts';
import { openEmbeddedStores, type EmbeddedStores } from '../../src/stores/open-embedded-stores.ts';
import { startHostProcess } from './support/host-process.ts';
import { head, httpClient, parseRaw, rawRequest, type Answer, type HttpCall } from './support/http-client.ts';
import { startIssuer } from './support/issuer.ts';
import { callTool, initialize, inSession, modern, rpc } from './support/mcp-rpc.ts';
import { FIXTURES, startProbeHost, type ProbeHost } from './support/probe-host.ts';

/** Sends requests of every kind that is refused, kills the host at once, and looks for each in what it left behind. */
const CANARY = 'canary-secret-41';
const LIMIT = 4 * 1024 * 1024;
type Found = JsonObject & { type: string };
let dataDir: string;
let stores: EmbeddedStores;
let token: string;
let strangers: Found[];
let callers: Found[];
const requestIds = new Map<string, string>();

type Send = (http: HttpCall, url: string) => Promise<Pick<Answer, 'status' | 'json'> & { headers?: Headers }>;
const json = { 'content-type': 'application/json' };
const anyone = (headers: Record<string, string>, path = '/tools/probe.echo') => ({ path, headers });
const request =
  ({ path, headers }: { path: string; headers: Record<string, string> }): Send =>
  (http) =>
    http(path, { method: 'POST', body: '{}', headers: { ...json, ...headers } });
const raw =
  (text: string): Send =>
  async (_http, url) =>
    parseRaw(await rawRequest(url, text));

/** Refused before anybody is known. */
const OF_STRANGERS: Record<string, { code: string; send: Send }> = {
  'no token': { code: 'identity.unauthenticated', send: request(anyone({ Authorization: '' })) },
  'a bad token': { code: 'identity.unauthenticated', send: request(anyone({ Authorization: `Bearer ${CANARY}` })) },
  'a bad token over MCP': {
    code: 'identity.unauthenticated',
    send: (http) => callTool(http, 'probe.echo', {}, { headers: { Authorization: `Bearer ${CANARY}` } }),
  },
  'a header that contradicts the token': {
    code: 'identity.mismatch',
    send: request(anyone({ 'X-Tenant-Id': 't_other' })),
  },
  'a bad mode': { code: 'context.invalid_mode', send: request(anyone({ 'X-Mode': CANARY })) },
  'a bad mode over MCP': {
    code: 'context.invalid_mode',
    send: (http) => callTool(http, 'probe.echo', {}, { headers: { 'X-Mode': CANARY } }),
  },
  'a bad mode for health': {
    code: 'context.invalid_mode',
    send: (http) => http('/health', { headers: { 'X-Mode': 'x' } }),
  },
  'no project': { code: 'context.missing_project', send: request(anyone({ 'X-Project-Id': '' })) },
  'X-Env': { code: 'context.forbidden_env', send: request(anyone({ 'X-Env': 'prod' })) },
  'a foreign origin': { code: 'origin.forbidden', send: request(anyone({ Origin: 'https://evil.example' })) },
  'a foreign origin over MCP': {
    code: 'origin.forbidden',
    send: request(anyone({ Origin: 'https://evil.example' }, '/mcp')),
  },
  'a foreign host': { code: 'host.forbidden', send: raw(`${head('GET /tools', { Host: 'evil.example' })}\r\n\r\n`) },
  'an unknown ticket': { code: 'ticket.invalid', send: (http) => http(`/tools?ticket=${CANARY}`) },
  'an unknown connection': {
    code: 'connection.not_found',
    send: (http) => callTool(http, 'probe.echo', {}, { path: '/c/nobody/mcp' }),
  },
  'a path that is not served': { code: 'route.not_found', send: (http) => http(`/nowhere/${CANARY}`) },
  'a method that is not served': {
    code: 'request.method_not_allowed',
    send: (http) => http('/tools', { method: 'DELETE' }),
  },
  'a line that is not HTTP': { code: 'request.invalid', send: raw('hello there\r\n\r\n') },
  'headers without end': {
    code: 'request.headers_too_large',
    send: raw(head('GET /tools', { Host: 'localhost', 'X-Large': 'x'.repeat(20_000) })),
  },
};

/** Refused to somebody, before there was anything to decide on. */
const OF_CALLERS: Record<string, { code: string; action?: string; send: Send }> = {
  'an unknown scope': {
    code: 'scope.not_found',
    action: 'probe.nothing',
    send: (http) => http('/tools/probe.nothing', { json: {} }),
  },
  'an unknown action': {
    code: 'scope.not_found',
    action: 'probe.nothing',
    send: (http) => http('/actions/execute', { json: { action: 'probe.nothing' } }),
  },
  'an oversized body': {
    code: 'request.body_too_large',
    send: (http) => http('/tools/probe.echo', { body: ' '.repeat(LIMIT + 1), headers: json }),
  },
  'broken JSON': {
    code: 'request.invalid',
    send: (http) => http('/tools/probe.echo', { body: `{"${CANARY}`, headers: json }),
  },
  'another media type': {
    code: 'request.unsupported_media_type',
    send: (http) => http('/tools/probe.echo', { body: 'a=b', headers: { 'content-type': 'text/plain' } }),
  },
  'a body that fits no route': { code: 'request.invalid', send: (http) => http('/tickets', { json: { who: CANARY } }) },
  'wrong arguments': {
    code: 'validation.failed',
    action: 'probe.thing',
    send: (http) => http('/tools/probe.thing', { json: { thing_id: 7 } }),
  },
  'an operator route': { code: 'identity.operator_required', send: (http) => http('/firearms/bindings') },
  'an unknown tool': {
    code: 'scope.not_found',
    action: 'nothing',
    send: (http) => callTool(http, 'nothing', { secret: CANARY }),
  },
  'an unknown prompt': {
    code: 'scope.not_found',
    action: 'nothing',
    send: (http) => modern(http, 'prompts/get', { name: 'nothing' }),
  },
  'an unknown resource': {
    code: 'scope.not_found',
    action: 'x://y',
    send: (http) => modern(http, 'resources/read', { uri: 'x://y' }),
  },
  'wrong arguments over MCP': {
    code: 'validation.failed',
    action: 'probe.thing',
    send: (http) => callTool(http, 'probe.thing', { thing_id: 7 }),
  },
  'an unknown method': { code: 'request.invalid', action: 'no/such', send: (http) => modern(http, 'no/such') },
  'a call without a name': {
    code: 'request.invalid',
    action: 'tools/call',
    send: (http) => modern(http, 'tools/call'),
  },
  'a header that contradicts the message': {
    code: 'request.invalid',
    action: 'tools/list',
    send: (http) => modern(http, 'tools/list', {}, { headers: { 'mcp-method': 'tools/call' } }),
  },
  'broken JSON over MCP': { code: 'request.invalid', send: (http) => rpc(http, `{"${CANARY}`) },
  'a batch': { code: 'request.invalid', send: (http) => rpc(http, [{ jsonrpc: '2.0', id: 1, method: 'ping' }]) },
  'an oversized message': { code: 'request.body_too_large', send: (http) => rpc(http, ' '.repeat(LIMIT + 1)) },
  'another HTTP method on MCP': { code: 'request.invalid', send: (http) => http('/mcp', { method: 'PUT', body: '' }) },
  'a message without a session': {
    code: 'request.invalid',
    send: (http) => rpc(http, { jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  },
  'an unknown session': {
    code: 'request.invalid',
    send: (http) => inSession({ http, session: 'nobody' }, 'tools/list'),
  },
  'an unknown method in a session': {
    code: 'request.invalid',
    action: 'no/such',
    send: async (http) => inSession({ http, session: (await initialize(http)).session! }, 'no/such'),
  },
  'a call without a name in a session': {
    code: 'request.invalid',
    action: 'tools/call',
    send: async (http) => inSession({ http, session: (await initialize(http)).session! }, 'tools/call'),
  },
  'an unknown tool in a session': {
    code: 'scope.not_found',
    action: 'nothing',
    send: async (http) =>
      inSession({ http, session: (await initialize(http)).session! }, 'tools/call', { name: 'nothing' }),
  },
};

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'northstar-refusals-'));
  const issuer = await startIssuer();
  token = await issuer.sign({ tenant_id: 't_test' });
  const host = await startHostProcess({
    ...issuer.env,
    ENABLED_MUSCLES: 'probe',
    NORTHSTAR_PLUGINS: FIXTURES,
    NORTHSTAR_DATA_DIR: dataDir,
  });
  const http = httpClient(host.url, { 'X-Mode': 'lab', 'X-Project-Id': 'p_test', Authorization: `Bearer ${token}` });
  for (const [name, { send }] of Object.entries({ ...OF_STRANGERS, ...OF_CALLERS })) {
    const answer = await send(http, host.url);
    requestIds.set(name, answer.headers?.get('x-request-id') ?? answer.json?.error?.request_id);
  }
  await host.kill();
  await issuer.close();
  stores = await openEmbeddedStores(dataDir);
  const read = async (at: Parameters<typeof allEvents>[1]): Promise<Found[]> =>
    (await allEvents(stores.spine, at, 1000)).map(({ type, data }) => ({ type, ...(data as JsonObject) }));
  strangers = await read(auditStream('t_system'));
  callers = await read(auditStream('t_test', 'lab'));
}, 60_000);
afterAll(async () => {
  await stores.close();
  await rm(dataDir, { recursive: true, force: true });
});

const of = (records: Found[], name: string): Found[] =>
  records.filter(({ request_id: id }) => id === requestIds.get(name));

describe('after the host was killed', () => {
  test.each(Object.keys(OF_STRANGERS))('[AUDIT-04] %s is on the chain of the host', (name) => {
    const { code } = OF_STRANGERS[name]!;
    const found = of(strangers, name);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ type: 'audit.refusal', decision: 'deny', code, remote: '127.0.0.1' });
    expect(of(callers, name)).toEqual([]);
  });

  test.each(Object.keys(OF_CALLERS))('[AUDIT-04] %s is on the chain of the caller’s tenant', (name) => {
    const { code, action } = OF_CALLERS[name]!;
    const found = of(callers, name);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ decision: 'deny', code, actor_id: 'u_ann', ...(action && { action }) });
    expect(of(strangers, name)).toEqual([]);
  });

  test('[AUDIT-04] each refusal is a SAFETY_DECISION on the stream of whoever sent it too', async () => {
    const at = { tenantId: 't_system', stream: 'safety/remote/127.0.0.1' };
    expect(await allEvents(stores.spine, at, 1000)).toHaveLength(strangers.length);
  });

  test('[AUDIT-04] both chains are whole', async () => {
    expect(await verifyAudit(stores, auditStream('t_system'))).toMatchObject({ ok: true });
    expect(await verifyAudit(stores, auditStream('t_test', 'lab'))).toMatchObject({ ok: true });
  });

  test('[AUDIT-04] no record holds a token, a ticket, a path, a header or an argument', () => {
    const all = JSON.stringify([strangers, callers]);
    expect(all).not.toContain(CANARY);
    expect(all).not.toContain(token);
  });
});

describe('a flood', () => {
  let host: ProbeHost;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'northstar-flood-'));
    host = await startProbeHost({ dataDir: folder, limits: { inFlight: 0 } });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('[AUDIT-04] costs a bounded number of records, which account for every request', async () => {
    const http = httpClient(host.url, host.headers);
    for (let i = 0; i < 200; i++) {
      await http('/tools/probe.echo', { json: {}, headers: { 'X-Mode': 'nothing' } });
      await http('/tools/probe.echo', { json: {} });
    }
    await host.close();
    const left = await openEmbeddedStores(folder);
    const counts = await Promise.all(
      [auditStream('t_system'), auditStream('t_test', 'lab')].map(async (at) => {
        const events = await allEvents(left.spine, at, 1000);
        const stoodFor = events.map(({ data }) => (data as { count?: number }).count ?? 1);
        return { few: events.length <= 11, requests: stoodFor.reduce((sum, count) => sum + count, 0) };
      }),
    );
    await left.close();
    expect(counts).toEqual([
      { few: true, requests: 200 },
      { few: true, requests: 200 },
    ]);
  });
});
