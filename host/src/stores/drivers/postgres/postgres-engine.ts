import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { StoreError } from '../../store-error.ts';
import { isConnectionLost, toStoreError } from './postgres-error.ts';

/** A statement. One with a name is prepared once per connection. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values?: unknown[];
}

/** Runs statements on pooled connections and puts every failure into the words of the port. */
export class PostgresEngine {
  /** Quoted, for statements. */
  readonly schema: string;
  readonly #pool: Pool;
  #running = 0;
  #closed = false;
  #drained: (() => void) | undefined;

  constructor(pool: Pool, schema: string) {
    this.#pool = pool;
    this.schema = `"${schema}"`;
    // Without listeners an 'error' event ends the process. The statement in flight is told by its own rejection, and
    // the pool replaces a connection that broke while nobody used it.
    pool.on('error', () => {});
    pool.on('connect', (client) => client.on('error', () => {}));
  }

  /** One read. It changed nothing, whatever happened to it: a failure is `unavailable` or `corrupt`. */
  async read<Row extends QueryResultRow>(doing: string, statement: Statement): Promise<Row[]> {
    return this.#use(doing, async (client) => (await client.query<Row>(toQuery(statement))).rows, 'read');
  }

  /** One write that is its own transaction; it is sent once. */
  async write<Row extends QueryResultRow>(
    doing: string,
    statement: Statement,
  ): Promise<{ rows: Row[]; changes: number }> {
    const work = async (client: PoolClient) => {
      const { rows, rowCount } = await client.query<Row>(toQuery(statement));
      return { rows, changes: rowCount ?? 0 };
    };
    return this.#use(doing, work, 'write');
  }

  /** All statements of `work` or none. What `work` throws undoes them. */
  async transaction<T>(doing: string, work: (run: RunStatement) => Promise<T>): Promise<T> {
    return this.#use(
      doing,
      async (client, sending) => {
        const run: RunStatement = async (statement) => (await client.query(toQuery(statement))).rows;
        await client.query('BEGIN');
        try {
          const result = await work(run);
          sending();
          await client.query('COMMIT');
          return result;
        } catch (error) {
          // On a lost connection the server rolls back by itself.
          if (error instanceof StoreError || !isConnectionLost(error)) await client.query('ROLLBACK');
          throw error;
        }
      },
      'transaction',
    );
  }

  /** Waits for what is running and refuses what comes later. May be called twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#running > 0) await new Promise<void>((drained) => (this.#drained = drained));
    await this.#pool.end();
  }

  async #use<T>(doing: string, work: Work<T>, kind: 'read' | 'write' | 'transaction'): Promise<T> {
    if (this.#closed) throw new StoreError('unavailable', `Postgres could not ${doing}: the store is closed.`);
    this.#running += 1;
    let client: PoolClient | undefined;
    let inFlight = false;
    try {
      client = await this.#pool.connect();
      inFlight = kind === 'write';
      const result = await work(client, () => {
        inFlight = true;
      });
      client.release();
      return result;
    } catch (error) {
      // A statement that timed out here may still be running there: its connection must not serve anybody else.
      client?.release(!(error instanceof StoreError) && isConnectionLost(error));
      throw toStoreError(error, doing, inFlight);
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#drained?.();
    }
  }
}

export type RunStatement = (statement: Statement) => Promise<QueryResultRow[]>;
type Work<T> = (client: PoolClient, sending: () => void) => Promise<T>;

function toQuery({ name, text, values = [] }: Statement): { name?: string; text: string; values: unknown[] } {
  return name === undefined ? { text, values } : { name, text, values };
}
