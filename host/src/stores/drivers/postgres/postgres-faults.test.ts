import type { Json } from '@northstar/sdk';
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeEngine } from '../../../../test/engines/describe-engine.ts';
import { allData, expectCode } from '../../contract/contract-kit.ts';
import { openPostgres, type PostgresStores } from './open-postgres.ts';
import { SCHEMA_LOCK } from './schema.ts';
import {
  freshSchema,
  openTestPostgres,
  POSTGRES_URL,
  runSql,
  whyUnreachable,
} from '../../../../test/engines/test-postgres.ts';

const at = { tenantId: 't_a', kind: 'notes', stream: 'log' };
const event = (data: number) => ({ type: 'counted', data });

it('answers with unavailable, in bounded time, when nobody listens', async () => {
  const { message } = await expectCode('unavailable', openPostgres({ url: 'postgres://root@127.0.0.1:1/test' }));
  expect(message).toContain('ECONNREFUSED');
});

it('refuses a schema name that would need quoting', async () => {
  for (const schema of ['', 'A', 'a"b', 'a.b', '1a', 'é']) {
    await expect(openPostgres({ url: POSTGRES_URL, schema })).rejects.toThrow(RangeError);
  }
});

await describeEngine('postgres faults', whyUnreachable, () => {
  let stores: PostgresStores & { schema: string };
  let blocker: pg.Client;

  beforeEach(async () => {
    stores = await openTestPostgres({ timeoutMs: 300 });
    blocker = new pg.Client({ connectionString: POSTGRES_URL });
    blocker.on('error', () => {});
    await blocker.connect();
  });
  afterEach(async () => {
    await blocker.end();
    await stores.close();
  });

  /** Ends every connection of the host under test that matches, as a restart of the server does. */
  const kill = (condition: string) =>
    runSql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'northstar' AND
            pid <> pg_backend_pid() AND ${condition}`);

  const hold = async (table: string): Promise<void> => {
    await blocker.query(`BEGIN; LOCK TABLE ${stores.schema}.${table} IN ACCESS EXCLUSIVE MODE`);
  };

  it('creates its schema once when 6 hosts start together', async () => {
    const schema = freshSchema();
    const hosts = await Promise.all(
      Array.from({ length: 6 }, () => openPostgres({ url: POSTGRES_URL, schema, pool: 1 })),
    );
    const writes = hosts.map(({ tabular }) => tabular.put(at, 'once', 1, { ifVersion: 'absent' }));
    expect((await Promise.allSettled(writes)).filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await Promise.all(hosts.map(({ close }) => close()));
    await runSql(`UPDATE ${schema}.schema_version SET version = 99`);
    const newer = await expectCode('unavailable', openPostgres({ url: POSTGRES_URL, schema }));
    expect(newer.message).toContain('newer northstar (version 99');
    await runSql(`DROP SCHEMA ${schema} CASCADE`);
  });

  it('gives up when another host never finishes creating the schema', async () => {
    await blocker.query('SELECT pg_advisory_lock($1)', [SCHEMA_LOCK]);
    const { message } = await expectCode(
      'unavailable',
      openPostgres({ url: POSTGRES_URL, schema: freshSchema(), timeoutMs: 300 }),
    );
    expect(message).toContain('nothing was written');
  });

  it('answers a blocked call with unavailable in bounded time, and goes on afterwards', async () => {
    await hold('records');
    const start = performance.now();
    await expectCode('unavailable', stores.tabular.get(at, 'a'));
    await expectCode('unavailable', stores.tabular.put(at, 'a', 1));
    expect(performance.now() - start).toBeLessThan(3000);
    await hold('events');
    await expectCode('unavailable', stores.spine.append(at, event(1)));
    await expectCode('unavailable', stores.spine.append(at, event(1), { expect: null }));
    await blocker.query('ROLLBACK');
    expect(await stores.tabular.get(at, 'a')).toBeUndefined();
    await stores.spine.append(at, event(2), { expect: null });
    expect(await allData(stores.spine, at)).toEqual([2]);
  });

  it('answers with unavailable when every connection is taken', async () => {
    await hold('records');
    const calls = Array.from({ length: 12 }, () => expectCode('unavailable', stores.tabular.get(at, 'a')));
    await Promise.all(calls);
    await blocker.query('ROLLBACK');
  });

  it('answers a write that was cut off with unknown_outcome, a read with unavailable, and connects again', async () => {
    await stores.tabular.put(at, 'a', 1);
    await hold('records');
    const cut = [
      expectCode('unknown_outcome', stores.tabular.put(at, 'a', 2)),
      expectCode('unavailable', stores.tabular.get(at, 'a')),
    ];
    await new Promise((wake) => setTimeout(wake, 100));
    await kill(`query LIKE '%${stores.schema}%' AND state = 'active'`);
    await Promise.all(cut);
    await blocker.query('ROLLBACK');
    expect((await stores.tabular.get(at, 'a'))?.value).toBe(1);
  });

  it('answers a transaction that was cut off before its commit with unavailable', async () => {
    await hold('events');
    const other = { ...at, stream: 'other' };
    const entries = [at, other].map((ref) => ({ at: ref, event: event(1) }));
    const cut = expectCode('unavailable', stores.spine.appendAll(entries));
    await new Promise((wake) => setTimeout(wake, 100));
    await kill(`query LIKE '%${stores.schema}%' AND state = 'active'`);
    await cut;
    await blocker.query('ROLLBACK');
    expect(await stores.spine.head(at)).toBeUndefined();
  });

  it('survives the loss of idle connections', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => stores.tabular.put(at, `k${i}`, i)));
    await kill(`query LIKE '%${stores.schema}%'`);
    await new Promise((wake) => setTimeout(wake, 50));
    expect((await stores.tabular.get(at, 'k7'))?.value).toBe(7);
  });

  it('writes the neighbours of a value that the server finds too deep, and refuses that one', async () => {
    const shallow = await openTestPostgres({ url: `${POSTGRES_URL}?options=-c%20max_stack_depth%3D100kB` });
    let deep: Json = [];
    for (let i = 0; i < 2500; i++) deep = [deep];
    const results = await Promise.allSettled(
      [0, deep, 2, 3].map((data) => shallow.spine.append(at, { type: 't', data })),
    );
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { code: 'too_large' } });
    expect(await allData(shallow.spine, at)).toEqual([0, 2, 3]);
    await shallow.close();
  });

  it('writes what it accepted before it closes, and refuses calls afterwards', async () => {
    const appends = [1, 2].map((n) => stores.spine.append(at, event(n)));
    await stores.close();
    expect((await Promise.all(appends)).map(({ seq }) => seq)).toEqual([1, 2]);
    await expectCode('unavailable', stores.tabular.get(at, 'a'));
    await expectCode('unavailable', stores.spine.append(at, event(1)));
  });
});
