/** The server that the tests run against, and a schema of their own in it. Only imported by tests. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import {
  openPostgres,
  type PostgresOptions,
  type PostgresStores,
} from '../../src/stores/drivers/postgres/open-postgres.ts';

export const POSTGRES_URL = process.env.NORTHSTAR_TEST_POSTGRES_URL ?? 'postgres://root@127.0.0.1:5432/test';

/** Why there is no server to test against; undefined when there is one. */
export async function whyUnreachable(): Promise<string | undefined> {
  try {
    await runSql('SELECT 1');
    return undefined;
  } catch (error) {
    return `no Postgres at NORTHSTAR_TEST_POSTGRES_URL (${(error as { code?: string }).code ?? error})`;
  }
}

export async function runSql(sql: string, values: unknown[] = []): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: POSTGRES_URL, connectionTimeoutMillis: 3000 });
  client.on('error', () => {});
  await client.connect();
  try {
    return await client.query(sql, values);
  } finally {
    await client.end();
  }
}

export function freshSchema(): string {
  return `northstar_test_${process.pid}_${randomBytes(4).toString('hex')}`;
}

/** Stores in a schema of their own, which `close` removes. */
export async function openTestPostgres(
  options: Partial<PostgresOptions> = {},
): Promise<PostgresStores & { schema: string }> {
  const schema = freshSchema();
  const stores = await openPostgres({ url: POSTGRES_URL, schema, pool: 5, ...options });
  const close = async (): Promise<void> => {
    await stores.close();
    await runSql(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  };
  return { ...stores, schema, close };
}
