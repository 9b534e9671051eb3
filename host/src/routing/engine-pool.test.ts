import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { describeEngine } from '../../test/engines/describe-engine.ts';
import { startS3Server } from '../../test/engines/s3-server/s3-server.ts';
import { freshSchema, POSTGRES_URL, runSql, whyUnreachable } from '../../test/engines/test-postgres.ts';
import { silentLogger } from '../log/logger.ts';
import type { Partition } from '../stores/tabular-store.ts';
import { openRouting, type Routing } from './open-routing.ts';
import type { Route } from './route.ts';

const AT: Partition = { tenantId: 't_acme', kind: 'tabular_store', mode: 'saas' };
/** Milliseconds: far longer than the look after idle engines takes here, less than the client keeps idle connections. */
const SOON = { timeout: 5000, interval: 20 };

await describeEngine('postgres as an engine that routes leave', whyUnreachable, () => {
  const schema = freshSchema();
  let dataDir: string;
  let routing: Routing;
  let uses = 0;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'northstar-pool-'));
    routing = await openRouting({ dataDir }, silentLogger, { idleEngineMs: 50 });
  });
  afterEach(async () => {
    await routing.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  afterAll(() => runSql(`DROP SCHEMA IF EXISTS ${schema} CASCADE`));

  /** Settings that no test before used; its connections have its name. */
  function settings(): { name: string; target: Pick<Route, 'backend' | 'config'> } {
    const name = `ns_pool_${process.pid}_${++uses}`;
    return {
      name,
      target: { backend: 'postgres', config: { url: `${POSTGRES_URL}?application_name=${name}`, schema } },
    };
  }
  const routeRecords = (target: Pick<Route, 'backend' | 'config'>) =>
    routing.table.put({ resource_kind: 'tabular_store', mode: 'saas', ...target }, 'u_ops');
  const connections = async (name: string): Promise<number> =>
    (await runSql('SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = $1', [name])).rows[0].n;

  test('[ROUTE-09] when the settings of a route change, the connections of the old ones end, and calls go on', async () => {
    const [before, after] = [settings(), settings()];
    await routeRecords(before.target);
    await routing.stores.tabular.put(AT, 'a', 1);
    expect(await connections(before.name)).toBeGreaterThan(0);
    await routeRecords(after.target);
    expect((await routing.stores.tabular.get(AT, 'a'))?.value).toBe(1);
    await vi.waitFor(async () => expect(await connections(before.name)).toBe(0), SOON);
    expect(await connections(after.name)).toBeGreaterThan(0);
    await routeRecords(before.target);
    expect((await routing.stores.tabular.get(AT, 'a'))?.value).toBe(1);
  });

  test('[ROUTE-09] when a route is taken back, a call under way ends well before its connections do', async () => {
    const { name, target } = settings();
    await routeRecords(target);
    await routing.stores.tabular.put(AT, 'held', 1);
    const lock = new (await import('pg')).default.Client({ connectionString: POSTGRES_URL });
    await lock.connect();
    await lock.query(`BEGIN; LOCK TABLE ${schema}.records IN ACCESS EXCLUSIVE MODE`);
    const reading = routing.stores.tabular.get(AT, 'held');
    await vi.waitFor(async () => expect(await waiting(name)).toBe(1), SOON);
    await routing.table.remove({ resource_kind: 'tabular_store', mode: 'saas' }, 'u_ops');
    await new Promise((wake) => setTimeout(wake, 300));
    expect(await connections(name)).toBeGreaterThan(0);
    await lock.query('ROLLBACK');
    await lock.end();
    expect((await reading)?.value).toBe(1);
    await vi.waitFor(async () => expect(await connections(name)).toBe(0), SOON);
  });
  const waiting = async (name: string): Promise<number> =>
    (
      await runSql(
        "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'",
        [name],
      )
    ).rows[0].n;

  test('[ROUTE-09] an engine that keeps the names of objects stays for as long as these are routed or read', async () => {
    const { endpoint, region, bucket, credentials, stop } = await startS3Server();
    const { name, target } = settings();
    const names = { backend: target.backend, config: target.config };
    await routing.table.put(
      {
        ...{ resource_kind: 'object_store', mode: 'saas', backend: 's3' },
        config: { endpoint, region, bucket, credentials: { ...credentials }, names },
      },
      'u_ops',
    );
    const at = { ...AT, kind: 'object_store' };
    await routing.stores.objects.put(at, 'a', Buffer.alloc(100_000), { mediaType: 'text/plain' });
    await new Promise((wake) => setTimeout(wake, 300));
    expect(await connections(name)).toBeGreaterThan(0);
    const found = await routing.stores.objects.get(at, 'a');
    const reader = found!.body[Symbol.asyncIterator]();
    let bytes = ((await reader.next()).value as Uint8Array).byteLength;
    await routing.table.remove({ resource_kind: 'object_store', mode: 'saas' }, 'u_ops');
    await new Promise((wake) => setTimeout(wake, 300));
    for (let next = await reader.next(); !next.done; next = await reader.next()) bytes += next.value.byteLength;
    expect(bytes).toBe(100_000);
    await vi.waitFor(async () => expect(await connections(name)).toBe(0), SOON);
    await stop();
  });
});
