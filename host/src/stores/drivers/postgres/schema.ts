import type { QueryResultRow } from 'pg';
import { StoreError } from '../../store-error.ts';
import type { RunStatement, PostgresEngine } from './postgres-engine.ts';

/** "NSTR": the advisory lock under which replicas that start at once create the schema one after the other. */
export const SCHEMA_LOCK = 0x4e535452;

/**
 * Append only: entry n brings a schema of version n to version n + 1. A released entry never changes.
 *
 * Text is in byte order ("C"), as the port lists it. Values are `json`, not `jsonb`: that one reorders keys, rounds
 * numbers and refuses `\u0000`. `bytes` lets a page be cut before its values are read.
 */
const MIGRATIONS: readonly ((schema: string) => string)[] = [
  (schema) => `
    CREATE SEQUENCE ${schema}.record_versions;
    CREATE TABLE ${schema}.records(
      tenant text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL,
      version bigint NOT NULL, bytes integer NOT NULL, value json NOT NULL,
      PRIMARY KEY (tenant, kind, key));
    CREATE TABLE ${schema}.streams(
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      tenant text COLLATE "C" NOT NULL, stream text COLLATE "C" NOT NULL,
      seq bigint NOT NULL, at text COLLATE "C" NOT NULL, at_before text COLLATE "C" NOT NULL DEFAULT '',
      UNIQUE (tenant, stream)) WITH (fillfactor = 50);
    CREATE TABLE ${schema}.events(
      stream_id bigint NOT NULL, seq bigint NOT NULL, event_id text COLLATE "C" NOT NULL, type text NOT NULL,
      at text COLLATE "C" NOT NULL, bytes integer NOT NULL, data json NOT NULL,
      PRIMARY KEY (stream_id, seq),
      UNIQUE (stream_id, event_id))`,
];

/**
 * Creates the schema or brings it up to date. Any number of hosts may call it at once.
 *
 * @throws StoreError `unavailable` when the database cannot hold it, or a newer host wrote it.
 */
export async function migrate(engine: PostgresEngine): Promise<void> {
  const { schema } = engine;
  await engine.transaction(`create the schema ${schema}`, async (run) => {
    const encoding = await text(run, 'SHOW server_encoding');
    if (encoding !== 'UTF8') {
      throw new StoreError('unavailable', `The Postgres database is encoded in ${encoding}: create one in UTF8.`);
    }
    await run({ text: 'SELECT pg_advisory_xact_lock($1)', values: [SCHEMA_LOCK] });
    // Looked up first: CREATE SCHEMA IF NOT EXISTS needs the privilege to create also when the schema is there.
    const found = await run({ text: `SELECT 1 FROM pg_namespace WHERE '"' || nspname || '"' = $1`, values: [schema] });
    if (found.length === 0) await run({ text: `CREATE SCHEMA ${schema}` });
    await run({ text: `CREATE TABLE IF NOT EXISTS ${schema}.schema_version(version integer NOT NULL)` });
    const version = Number((await text(run, `SELECT max(version) FROM ${schema}.schema_version`)) ?? 0);
    if (version > MIGRATIONS.length) {
      throw new StoreError(
        'unavailable',
        `The Postgres schema ${schema} was written by a newer northstar (version ${version}, this one knows ${MIGRATIONS.length}): upgrade northstar.`,
      );
    }
    for (const step of MIGRATIONS.slice(version)) await run({ text: step(schema) });
    if (version < MIGRATIONS.length) {
      await run({ text: `INSERT INTO ${schema}.schema_version VALUES ($1)`, values: [MIGRATIONS.length] });
    }
  });
}

async function text(run: RunStatement, sql: string): Promise<unknown> {
  const row = (await run({ text: sql }))[0] as QueryResultRow;
  return Object.values(row)[0];
}
