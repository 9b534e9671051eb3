import type { EventSpine } from '../../event-spine.ts';
import type { TabularStore } from '../../tabular-store.ts';
import { importClient } from '../import-client.ts';
import { postgresCaps } from './postgres-caps.ts';
import { PostgresEngine } from './postgres-engine.ts';
import { PostgresEventSpine } from './postgres-event-spine.ts';
import { PostgresTabularStore } from './postgres-tabular-store.ts';
import { migrate } from './schema.ts';

export interface PostgresOptions {
  /** `postgres://user:password@host:5432/database`; TLS with `?sslmode=verify-full`. */
  readonly url: string;
  /** Where the tables are; created when missing. Hosts with the same schema share everything. Default `northstar`. */
  readonly schema?: string;
  /** Connections at most; default 10. */
  readonly pool?: number;
  /** Milliseconds after which a call fails: the server cancels the statement, nothing is written. Default 10 000. */
  readonly timeoutMs?: number;
}

export interface PostgresStores {
  readonly tabular: TabularStore;
  readonly spine: EventSpine;
  /** Writes what was accepted and ends the connections. May be called twice. */
  close(): Promise<void>;
}

const SCHEMA = /^[a-z_][a-z0-9_]{0,62}$/;

/**
 * Records and events in PostgreSQL 12 or later, shared by any number of hosts. The drivers expect what the key codec
 * gives out. Statements are prepared and time limits are set per session: connect directly or through a pooler that
 * keeps sessions.
 *
 * @throws StoreError `unavailable`: the package `pg` is missing, the server cannot be reached or refuses the user, the
 * database is not UTF-8, or a newer host wrote the schema.
 */
export async function openPostgres(options: PostgresOptions): Promise<PostgresStores> {
  const { url, schema = 'northstar', pool: max = 10, timeoutMs = 10_000 } = options;
  if (!SCHEMA.test(schema)) {
    throw new RangeError(`The Postgres schema "${schema}" is not like a_name_1: letters a to z, digits and _.`);
  }
  const { Pool } = await importClient('Postgres', 'pg', () => import('pg'));
  const pool = new Pool({
    connectionString: url,
    max,
    application_name: 'northstar',
    keepAlive: true,
    connectionTimeoutMillis: timeoutMs,
    // The server's limit comes first: its answer says that nothing was written, ours could only guess.
    statement_timeout: timeoutMs,
    query_timeout: timeoutMs + 1000,
    idle_in_transaction_session_timeout: 2 * timeoutMs,
  });
  const engine = new PostgresEngine(pool, schema);
  try {
    await migrate(engine);
    const caps = await postgresCaps(engine);
    const spine = new PostgresEventSpine(engine, caps);
    return {
      tabular: new PostgresTabularStore(engine, caps),
      spine,
      async close() {
        await spine.close();
        await engine.close();
      },
    };
  } catch (error) {
    await engine.close();
    throw error;
  }
}
