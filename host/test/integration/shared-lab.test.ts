import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createTestHost, type TestHost } from '../../src/testing/index.ts';
import { NORTHSTAR, PLUGINS, ROOT } from '../acceptance/repository.ts';
import { describeEngine } from '../engines/describe-engine.ts';
import { startS3Server, type S3Server } from '../engines/s3-server/s3-server.ts';
import { freshSchema, POSTGRES_URL, runSql, whyUnreachable } from '../engines/test-postgres.ts';
import { runCommand } from './support/run-command.ts';
import { codeOf, httpClient, type HttpCall } from './support/http-client.ts';

const AS = { 'x-mode': 'lab', 'x-tenant-id': 't_acme', 'x-project-id': 'p_one', 'x-user-id': 'u_ann' };
const NOTE = { name: 'note.txt', text: 'for both hosts' };

await describeEngine('postgres as the control store of two hosts in lab', whyUnreachable, () => {
  const schema = freshSchema();
  const control = { backend: 'postgres', config: { url: POSTGRES_URL, schema, pool: 3 } };
  const hosts: TestHost[] = [];
  let s3: S3Server;
  let first: HttpCall;
  let second: HttpCall;
  let system: HttpCall;

  beforeAll(async () => {
    s3 = await startS3Server();
    const env = { NORTHSTAR_CONTROL_STORE: JSON.stringify(control) };
    for (let count = 0; count < 2; count++)
      hosts.push(await createTestHost({ plugins: [PLUGINS], muscles: ['echo', 'media_v2'], env }));
    [first, second] = hosts.map(({ url }) => httpClient(url, AS)) as [HttpCall, HttpCall];
    system = httpClient(hosts[0]!.url, { ...AS, 'x-tenant-id': 't_system' });
  });
  afterAll(async () => {
    for (const host of hosts) await host.close();
    await s3?.stop();
    await runSql(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  });

  test('[SCALE-06] what one host keeps for its tenants without a route, the other one has', async () => {
    const bound = { tool_id: 'echo', scope_name: 'echo.ping', license_types: ['lic.echo'] };
    expect((await first('/firearms/bindings', { method: 'PUT', json: bound })).status).toBe(200);
    expect(codeOf(await second('/tools/echo.ping', { json: {} }))).toBe('firearms.missing_grant');
    expect((await first('/firearms/bindings?tool_id=echo&scope_name=echo.ping', { method: 'DELETE' })).status).toBe(
      200,
    );
    expect((await second('/tools/echo.ping', { json: {} })).status).toBe(200);
    expect((await first('/events/append', { json: { stream: 'log', type: 'said', data: 1 } })).status).toBe(201);
    expect((await second('/events/replay?stream=log')).json).toMatchObject({ events: [{ type: 'said', data: 1 }] });
    for (const host of [first, second])
      expect((await host('/audit/verify')).json).toMatchObject({ ok: true, mode: 'lab' });
  });

  test('[SCALE-06] bytes, which the control store cannot keep, are refused before one host keeps them for itself', async () => {
    const refused = await first('/tools/media_v2.create_asset', { json: NOTE });
    expect([refused.status, codeOf(refused)]).toEqual([503, 'object_store.missing_route']);
    expect(refused.json.error.message).toContain('PUT /routing/routes');
    expect((await first('/tools/media_v2.list_assets', { json: {} })).json).toMatchObject({ assets: [] });
  });

  test('[ROUTE-02] the command line and stdio, which serve lab alone, are told the same', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'northstar-lab-'));
    const env = {
      ...{ NORTHSTAR_CONTROL_STORE: JSON.stringify(control), NORTHSTAR_DATA_DIR: dataDir },
      ...{ ENABLED_MUSCLES: 'media_v2', PATH: process.env.PATH ?? '' },
    };
    const told = await runCommand(['call', 'media_v2.create_asset', '--json', JSON.stringify(NOTE)], env);
    expect(told.code).not.toBe(0);
    expect(told.stdout).toContain('"code": "object_store.missing_route"');
    expect(told.stderr).toContain('PUT /routing/routes');
    const client = new Client({ name: 'test', version: '1' });
    const args = [NORTHSTAR, 'stdio'];
    await client.connect(new StdioClientTransport({ command: process.execPath, args, env, cwd: ROOT }));
    const call = client.callTool({ name: 'media_v2_create_asset', arguments: NOTE });
    await expect(call).rejects.toThrow(/object_store\.missing_route.*PUT \/routing\/routes/);
    await client.close();
    await rm(dataDir, { recursive: true, force: true });
  }, 30_000);

  test('[SCALE-06] the diagnostics name the control store as the default, and what is missing', async () => {
    const { kinds } = (await second('/routing/diagnostics')).json as { kinds: { resource_kind: string }[] };
    for (const diagnosed of kinds)
      expect(diagnosed).toMatchObject(
        ['object_store', 'media_store'].includes(diagnosed.resource_kind)
          ? { status: 'missing' }
          : { status: 'default', backend: 'postgres', reachable: true },
      );
  });

  test('[SCALE-06] once bytes are routed, an object that is put through one host is got through the other', async () => {
    const { endpoint, region, bucket, credentials } = s3;
    const route = { resource_kind: 'object_store', mode: 'lab', backend: 's3' };
    const config = { endpoint, region, bucket, credentials, names: control };
    expect((await system('/routing/routes', { method: 'PUT', json: { ...route, config } })).status).toBe(200);
    const created = await first('/tools/media_v2.create_asset', { json: NOTE });
    expect(created.status).toBe(200);
    await vi.waitFor(
      async () =>
        expect((await second(`/media-v2/assets/${created.json.asset_id}/content`)).text).toBe('for both hosts'),
      5000,
    );
  });

  test('[SCALE-06] routing the events to the engine that had them by default leaves no mark of a move', async () => {
    const route = { resource_kind: 'event_spine', ...control };
    expect((await system('/routing/routes', { method: 'PUT', json: route })).status).toBe(200);
    expect((await first('/tools/echo.ping', { json: {} })).status).toBe(200);
    const { records } = (await first('/audit?limit=1000')).json as { records: { type: string }[] };
    expect(records.map(({ type }) => type)).not.toContain('audit.moved');
    expect((await first('/audit/verify')).json).toMatchObject({ ok: true });
  });
});
