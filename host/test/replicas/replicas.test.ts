import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  ElicitRequestSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { Client as ModernClient, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { whyUnreachable as whyNoNats, NATS_URL } from '../engines/test-nats.ts';
import { whyUnreachable as whyNoPostgres } from '../engines/test-postgres.ts';
import { freshPrefix, REDIS_URL, whyUnreachable as whyNoRedis } from '../engines/test-redis.ts';
import { codeOf } from '../integration/support/http-client.ts';
import { callTool, initialize, inSession, rpc } from '../integration/support/mcp-rpc.ts';
import { HEADERS, startReplicas, type Replicas } from './start-replicas.ts';

/** Milliseconds in which a change must have reached every host. */
const SOON = 1000;
const noPostgres = await whyNoPostgres();
const buses = [
  {
    bus: 'Redis',
    missing: await whyNoRedis(),
    hints: { backend: 'redis', config: { url: REDIS_URL, prefix: freshPrefix() } },
  },
  {
    bus: 'NATS',
    missing: await whyNoNats(),
    hints: { backend: 'nats', config: { url: NATS_URL, stream: `T${process.pid}` } },
  },
  { bus: 'Postgres alone', missing: undefined, hints: undefined },
];

describe.each(buses)('three hosts on one Postgres, hints through $bus', ({ bus, missing, hints }) => {
  const reason = noPostgres ?? missing;
  describe.skipIf(reason !== undefined)(reason ? `(skipped: ${reason})` : bus, () => {
    let replicas: Replicas;
    const closing: (() => Promise<void>)[] = [];
    beforeAll(async () => {
      replicas = await startReplicas(hints && { hints });
    }, 60_000);
    afterEach(async () => {
      for (const close of closing.splice(0)) await close();
    });
    afterAll(() => replicas?.close());

    async function classic(): Promise<Client> {
      const client = new Client({ name: 'test', version: '1' }, { capabilities: { elicitation: {} } });
      await client.connect(
        new StreamableHTTPClientTransport(new URL('/mcp', replicas.url), { requestInit: { headers: HEADERS } }),
      );
      closing.push(() => client.close());
      return client;
    }

    test('[SCALE-01] one client is served by every host in turn, in both protocol eras', async () => {
      const client = await classic();
      const pids = new Set<number>();
      for (let call = 0; call < 6; call++) {
        const { structuredContent } = await client.callTool({ name: 'crowd_where', arguments: {} });
        pids.add((structuredContent as { pid: number }).pid);
      }
      expect(pids.size).toBe(3);
      const modern = new ModernClient({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } });
      await modern.connect(new ModernHttp(new URL('/mcp', replicas.url), { requestInit: { headers: HEADERS } }));
      closing.push(() => modern.close());
      const seen = new Set<unknown>();
      for (let call = 0; call < 6; call++)
        seen.add(
          ((await modern.callTool({ name: 'crowd_where', arguments: {} })).structuredContent as { pid: number }).pid,
        );
      expect(seen).toEqual(pids);
    });

    test('[SCALE-02] a grant and its revocation count on every host within a second', async () => {
      const [first, second, third] = replicas.hosts.map(({ call }) => call);
      const where = () =>
        Promise.all(
          [first!, second!, third!].map(async (call) => (await callTool(call, 'crowd_where')).rpc.error?.code ?? 200),
        );
      const binding = { tool_id: 'crowd', scope_name: 'crowd.where', license_types: ['firearm.look'] };
      expect((await first!('/firearms/bindings', { method: 'PUT', json: binding })).status).toBe(200);
      await vi.waitFor(async () => expect(await where()).toEqual([403, 403, 403]), SOON);
      const grant = await second!('/firearms/grants', {
        json: { license_type: 'firearm.look', subject_type: 'user', subject_id: 'u_ann' },
      });
      await vi.waitFor(async () => expect(await where()).toEqual([200, 200, 200]), SOON);
      await third!(`/firearms/grants/${grant.json.grant_id}`, { method: 'DELETE' });
      await vi.waitFor(async () => expect(await where()).toEqual([403, 403, 403]), SOON);
      await first!('/firearms/bindings?tool_id=crowd&scope_name=crowd.where', { method: 'DELETE' });
      await vi.waitFor(async () => expect(await where()).toEqual([200, 200, 200]), SOON);
    });

    test('[SCALE-02] a kill switch counts on every host within a second', async () => {
      const codes = () =>
        Promise.all(
          replicas.hosts.map(async ({ call }) => codeOf(await call('/tools/crowd.where', { json: {} })) ?? 'ok'),
        );
      const flip = (engaged: boolean) =>
        replicas.hosts[0]!.call('/admin/kill-switch', {
          method: 'PUT',
          json: { target: 'muscle', id: 'crowd', engaged, reason: 'a test' },
        });
      await flip(true);
      await vi.waitFor(async () => expect(await codes()).toEqual(Array(3).fill('kill_switch.engaged')), SOON);
      await flip(false);
      await vi.waitFor(async () => expect(await codes()).toEqual(['ok', 'ok', 'ok']), SOON);
    });

    test('[SCALE-03] a client hears of a resource that a call on another host changed', async () => {
      const client = await classic();
      const heard: string[] = [];
      client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => void heard.push(params.uri));
      await client.subscribeResource({ uri: 'crowd://board' });
      for (const [index, { call }] of replicas.hosts.entries()) {
        expect((await callTool(call, 'crowd_touch')).status).toBe(200);
        await vi.waitFor(() => expect(heard).toHaveLength(index + 1), SOON);
      }
      await client.unsubscribeResource({ uri: 'crowd://board' });
    });

    test('[SCALE-03] what a user answers reaches the host that asked', async () => {
      const client = await classic();
      client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { colour: 'green' } }));
      for (let round = 0; round < 3; round++) {
        const { structuredContent } = await client.callTool({ name: 'crowd_ask', arguments: {} });
        expect(structuredContent).toEqual({ colour: 'green' });
      }
      const both = await Promise.all([1, 2, 3].map(() => client.callTool({ name: 'crowd_ask', arguments: {} })));
      expect(both.map(({ structuredContent }) => structuredContent)).toEqual(Array(3).fill({ colour: 'green' }));
    });

    test('[SCALE-03] the rounds of a 2026-era call may be served by different hosts', async () => {
      const client = new ModernClient(
        { name: 'test', version: '1' },
        { versionNegotiation: { mode: 'auto' }, capabilities: { elicitation: { form: {} } } },
      );
      client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { colour: 'green' } }));
      await client.connect(new ModernHttp(new URL('/mcp', replicas.url), { requestInit: { headers: HEADERS } }));
      closing.push(() => client.close());
      for (let round = 0; round < 3; round++) {
        const { structuredContent } = await client.callTool({ name: 'crowd_ask', arguments: {} });
        expect(structuredContent).toEqual({ colour: 'green' });
      }
    });

    test('[SCALE-03] a cancellation stops the call, whichever host it arrives at', async () => {
      const client = await classic();
      const folder = await mkdtemp(join(tmpdir(), 'northstar-linger-'));
      closing.push(() => rm(folder, { recursive: true }));
      const file = join(folder, 'log');
      const giveUp = new AbortController();
      const call = client.callTool({ name: 'crowd_linger', arguments: { file } }, undefined, { signal: giveUp.signal });
      await vi.waitFor(async () => expect(await readFile(file, 'utf8')).toBe('started\n'), 5000);
      giveUp.abort('enough');
      await expect(call).rejects.toThrow();
      await vi.waitFor(async () => expect(await readFile(file, 'utf8')).toBe('started\naborted\n'), 5000);
    });

    test('[JOB-05] a job is cancelled through any host', async () => {
      const [first, second, third] = replicas.hosts.map(({ call }) => call);
      const folder = await mkdtemp(join(tmpdir(), 'northstar-toil-'));
      closing.push(() => rm(folder, { recursive: true }));
      const file = join(folder, 'log');
      const { job_id } = (await first!('/tools/crowd.toil', { json: { file } })).json;
      await vi.waitFor(async () => expect(await readFile(file, 'utf8')).toBe('started\n'), 5000);
      expect((await second!('/tools/crowd.toil.status', { json: { job_id } })).json).toMatchObject({
        state: 'running',
      });
      const told = await third!('/tools/crowd.toil.cancel', { json: { job_id } });
      expect(told.json).toMatchObject({ state: 'cancelled' });
      await vi.waitFor(async () => expect(await readFile(file, 'utf8')).toBe('started\naborted\n'), 5000);
    });

    test('[SCALE-04] another caller cannot take up a session on another host, and a deleted one is gone everywhere', async () => {
      const [first, second, third] = replicas.hosts.map(({ call }) => call);
      const { session } = await initialize(first!);
      const thief: typeof second = (path, call) =>
        second!(path, { ...call, headers: { ...call?.headers, 'x-user-id': 'u_eve' } });
      const stolen = await inSession({ http: thief!, session: session! }, 'tools/list');
      const unknown = await inSession({ http: thief!, session: '3f0e6f7e-0000-4000-8000-000000000000' }, 'tools/list');
      expect({ status: stolen.status, rpc: stolen.rpc }).toEqual({ status: unknown.status, rpc: unknown.rpc });
      expect(stolen.status).toBe(404);
      for (const http of [second!, third!])
        expect((await inSession({ http, session: session! }, 'ping')).status).toBe(200);
      await third!('/mcp', { method: 'DELETE', headers: { 'mcp-session-id': session! } });
      for (const { call } of replicas.hosts)
        await vi.waitFor(
          async () => expect((await inSession({ http: call, session: session! }, 'ping')).status).toBe(404),
          SOON,
        );
    });

    test('[SCALE-04] an answer to a host that never asked changes nothing', async () => {
      const [first] = replicas.hosts.map(({ call }) => call);
      const { session } = await initialize(first!);
      const headers = { 'mcp-session-id': session!, 'mcp-protocol-version': '2025-11-25' };
      for (const id of ['nobody/0', '/', 'nobody/__proto__', 0])
        expect((await rpc(first!, { jsonrpc: '2.0', id, result: {} }, { headers })).status).toBe(202);
      expect((await inSession({ http: first!, session: session! }, 'ping')).status).toBe(200);
    });

    test('[SCALE-02] a muscle that is switched off on one host is gone on all within a second, and clients hear it', async () => {
      const heard = { classic: 0, modern: 0 };
      const old = await classic();
      old.setNotificationHandler(ToolListChangedNotificationSchema, () => void heard.classic++);
      const onChanged = (): void => void heard.modern++;
      const modern = new ModernClient(
        { name: 'test', version: '1' },
        {
          versionNegotiation: { mode: 'auto' },
          listChanged: { tools: { autoRefresh: false, debounceMs: 0, onChanged } },
        },
      );
      await modern.connect(new ModernHttp(new URL('/mcp', replicas.url), { requestInit: { headers: HEADERS } }));
      closing.push(() => modern.close());
      const statuses = () =>
        Promise.all(replicas.hosts.map(async ({ call }) => (await call('/tools/crowd.where', { json: {} })).status));
      const [first, second] = replicas.hosts.map(({ call }) => call);
      expect((await first!('/admin/muscles/crowd/disable', { method: 'POST' })).status).toBe(200);
      await vi.waitFor(async () => expect(await statuses()).toEqual([404, 404, 404]), SOON);
      await vi.waitFor(() => expect(heard).toEqual({ classic: 1, modern: 1 }), SOON);
      expect((await old.listTools()).tools).toEqual([]);
      expect((await second!('/admin/muscles/crowd/enable', { method: 'POST' })).status).toBe(200);
      // Beyond the second that the word needs, each host has to load it.
      await vi.waitFor(async () => expect(await statuses()).toEqual([200, 200, 200]), 10_000);
      await vi.waitFor(() => expect(heard).toEqual({ classic: 2, modern: 2 }), SOON);
    });

    test('[SCALE-02] three hosts write one audit chain', async () => {
      for (const { call } of replicas.hosts)
        expect((await call('/audit/verify')).json).toMatchObject({ ok: true, tenant_id: 't_acme' });
    });

    test('[SCALE-05] when a host dies, its clients go on with the others', async () => {
      const client = await classic();
      await client.listTools();
      replicas.hosts[2]!.process.kill('SIGKILL');
      let served = 0;
      for (let call = 0; call < 9; call++)
        await client.callTool({ name: 'crowd_where', arguments: {} }).then(
          () => served++,
          () => undefined,
        );
      // One request in three was sent to the dead host, which the balancer still has in its list.
      expect(served).toBe(6);
    });
  });
});
