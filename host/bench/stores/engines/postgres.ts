import { randomUUID } from 'node:crypto';
import type { Json } from '@northstar/sdk';
import pg from 'pg';
import { freshSchema, openTestPostgres, POSTGRES_URL } from '../../../test/engines/test-postgres.ts';
import { spineWithKeyCodec, tabularWithKeyCodec } from '../../../src/stores/with-key-codec.ts';
import { portSide, type EventSide, type RecordSide, type Rig } from '../store-side.ts';

const AT = ['t_bench', 'bench'];
const STREAM = ['t_bench', 'bench/events'];

/** The Postgres engine, and `pg` by hand: a pool and prepared statements on tables of the same shape. */
export async function openPostgresRig(): Promise<Rig> {
  const stores = await openTestPostgres();
  const schema = freshSchema();
  // The limits of time that the port has: the server sets a timer for every statement, and so does the client.
  const limits = { statement_timeout: 10_000, query_timeout: 11_000, keepAlive: true };
  const pool = new pg.Pool({ connectionString: POSTGRES_URL, max: 5, ...limits });
  await pool.query(`CREATE SCHEMA ${schema}`);
  await pool.query(tables(schema));
  const used = async (name: string): Promise<number> => {
    const { rows } = await pool.query(
      `SELECT sum(pg_total_relation_size(oid))::text AS bytes FROM pg_class
       WHERE relkind = 'r' AND relnamespace = $1::regnamespace`,
      [name],
    );
    return Number(rows[0].bytes);
  };
  return {
    port: portSide({ tabular: tabularWithKeyCodec(stores.tabular), spine: spineWithKeyCodec(stores.spine) }),
    bare: { ...bareRecords(pool, schema), ...bareEvents(pool, schema, stores.schema) },
    bareDoes:
      'a pool with the same limits of time, and prepared statements on tables of the same shape, one statement per write that numbers under the ' +
      'lock of the stream; 64 callers: their 64 events in one such statement, by hand',
    used: { port: () => used(stores.schema), bare: () => used(schema) },
    async close() {
      await pool.query(`DROP SCHEMA ${schema} CASCADE`);
      await pool.end();
      await stores.close();
    },
  };
}

const tables = (schema: string): string => `
  CREATE SEQUENCE ${schema}.versions;
  CREATE TABLE ${schema}.records(tenant text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL, version bigint NOT NULL, value json NOT NULL, PRIMARY KEY (tenant, kind, key));
  CREATE TABLE ${schema}.streams(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant text COLLATE "C" NOT NULL,
    stream text COLLATE "C" NOT NULL, seq bigint NOT NULL, at text COLLATE "C" NOT NULL, UNIQUE (tenant, stream))
    WITH (fillfactor = 50);
  CREATE TABLE ${schema}.events(stream_id bigint NOT NULL, seq bigint NOT NULL, event_id text COLLATE "C" NOT NULL,
    type text NOT NULL, at text NOT NULL, data json NOT NULL, PRIMARY KEY (stream_id, seq), UNIQUE (stream_id, event_id));`;

function bareRecords(pool: pg.Pool, schema: string): RecordSide {
  const select = `SELECT version::text, value::text FROM ${schema}.records WHERE tenant = $1 AND kind = $2 AND key = $3`;
  const upsert = `INSERT INTO ${schema}.records VALUES ($1, $2, $3, nextval('${schema}.versions'), $4)
    ON CONFLICT (tenant, kind, key) DO UPDATE SET version = excluded.version, value = excluded.value
    RETURNING version::text`;
  const replace = `UPDATE ${schema}.records SET version = nextval('${schema}.versions'), value = $4
    WHERE tenant = $1 AND kind = $2 AND key = $3 AND version = $5::bigint RETURNING version::text`;
  const put = async (key: string, value: Json): Promise<string> => {
    const values = [...AT, key, JSON.stringify(value)];
    return (await pool.query({ name: 'put', text: upsert, values })).rows[0].version as string;
  };
  return {
    put,
    create: put,
    async get(key) {
      const { rows } = await pool.query({ name: 'get', text: select, values: [...AT, key] });
      return { key, version: rows[0].version as string, value: JSON.parse(rows[0].value) as unknown };
    },
    async compareAndSet(key, value, version) {
      const values = [...AT, key, JSON.stringify(value), version];
      const { rows } = await pool.query({ name: 'cas', text: replace, values });
      if (rows.length === 0) throw new Error('conflict');
      return rows[0].version as string;
    },
  };
}

function bareEvents(pool: pg.Pool, schema: string, portSchema: string): EventSide {
  const append = `WITH head AS (
      INSERT INTO ${schema}.streams AS s (tenant, stream, seq, at) VALUES ($1, $2, cardinality($3::text[]), $5)
      ON CONFLICT (tenant, stream) DO UPDATE SET seq = s.seq + excluded.seq, at = greatest(s.at, excluded.at)
      RETURNING id, seq, at
    ), written AS (
      INSERT INTO ${schema}.events
      SELECT id, seq - cardinality($3::text[]) + nth, event_id, type, at, data::json
      FROM head, unnest($3::text[], $4::text[], $6::text[]) WITH ORDINALITY AS t(event_id, data, type, nth)
    ) SELECT seq::text FROM head`;
  // Not a join: on tables without statistics its plan reads the whole stream for every page.
  const page = `SELECT seq::text, event_id, type, at, data::text FROM ${schema}.events
    WHERE stream_id = (SELECT id FROM ${schema}.streams WHERE tenant = $1 AND stream = $2) AND seq > $3
    ORDER BY events.seq LIMIT 1000`;
  let analyzed: Promise<unknown> | undefined;
  const appendTogether = (batch: readonly Json[]): Promise<unknown> => {
    const ids = batch.map(() => `${Date.now().toString(16)}-${randomUUID().slice(12)}`);
    const types = batch.map(() => 'bench.happened');
    const values = [...STREAM, ids, batch.map((data) => JSON.stringify(data)), new Date().toISOString(), types];
    return pool.query({ name: 'append', text: append, values });
  };
  return {
    append: (data) => appendTogether([data]),
    appendTogether,
    async replay() {
      // As autovacuum does in time. Without statistics the page by hand gets a plan that sorts the whole stream, and
      // that of the port now and then one that is slower too.
      analyzed ??= pool.query(`ANALYZE ${schema}.events, ${portSchema}.events, ${portSchema}.streams`);
      await analyzed;
      let found = 0;
      for (let seq = '0'; ;) {
        const { rows } = await pool.query<{ seq: string; data: string }>({
          name: 'page',
          text: page,
          values: [...STREAM, seq],
        });
        const events = rows.map(({ data, ...row }) => ({ ...row, data: JSON.parse(data) as unknown }));
        found += events.length;
        if (rows.length < 1000) return found;
        seq = rows.at(-1)!.seq;
      }
    },
  };
}
