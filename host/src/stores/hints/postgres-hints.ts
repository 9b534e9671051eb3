import type { Client } from 'pg';
import { importClient } from '../drivers/import-client.ts';
import { toStoreError } from '../drivers/postgres/postgres-error.ts';
import type { HintBus } from '../hint-bus.ts';
import { RemoteHints, type HintTransport } from './remote-hints.ts';

export interface PostgresHintsOptions {
  readonly url: string;
  /** Hosts with the same channel in the same database wake each other. Default `northstar`. */
  readonly channel?: string;
}

const CHANNEL = /^[a-z_][a-z0-9_]{0,62}$/;
/** NOTIFY takes a lock of the whole server when it commits; a statement every few milliseconds does not feel it. */
const COALESCE_MS = 5;
const TIMEOUT_MS = 5000;
/** A connection that a firewall has forgotten looks idle for hours; asking finds out. */
const HEARTBEAT_MS = 15_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5000;

/**
 * Hints through LISTEN and NOTIFY, on a connection of their own: never inside the transaction that wrote, whose commit
 * would then wait for those of all other writers. Connects again for as long as it is open; what was missed meanwhile
 * is made up for by waking everybody. LISTEN belongs to a session: connect directly, not through a pooler that shares
 * sessions.
 *
 * @throws StoreError `unavailable` when the first connection fails or the package `pg` is missing.
 */
export async function openPostgresHints({ url, channel = 'northstar' }: PostgresHintsOptions): Promise<HintBus> {
  if (!CHANNEL.test(channel)) throw new RangeError(`The Postgres channel "${channel}" is not like a_name_1.`);
  const pg = await importClient('Postgres', 'pg', () => import('pg'));
  const hints = new RemoteHints(COALESCE_MS);
  const connect = async (): Promise<Client> => {
    const client = new pg.Client({
      connectionString: url,
      application_name: `${channel} hints`,
      keepAlive: true,
      connectionTimeoutMillis: TIMEOUT_MS,
      query_timeout: TIMEOUT_MS,
    });
    // More than one error event may come; without a listener each would end the process.
    client.on('error', () => {});
    client.on('notification', ({ payload }) => hints.receive(payload ?? ''));
    try {
      await client.connect();
      await client.query(`LISTEN "${channel}"`);
      return client;
    } catch (error) {
      await client.end().catch(() => {});
      throw toStoreError(error, 'listen for hints', false);
    }
  };
  hints.connect(new ListenConnection(await connect(), connect, channel, () => hints.wakeEverybody()));
  return hints;
}

class ListenConnection implements HintTransport {
  #client: Client | undefined;
  readonly #connect: () => Promise<Client>;
  readonly #channel: string;
  readonly #onReconnect: () => void;
  readonly #heartbeat: NodeJS.Timeout;
  #lastRun: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(client: Client, connect: () => Promise<Client>, channel: string, onReconnect: () => void) {
    this.#connect = connect;
    this.#channel = channel;
    this.#onReconnect = onReconnect;
    this.#heartbeat = setInterval(() => void this.#run('SELECT 1'), HEARTBEAT_MS).unref();
    this.#watch(client);
  }

  async send(payload: string): Promise<void> {
    await this.#run('SELECT pg_notify($1, $2)', [this.#channel, payload]);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#heartbeat);
    await this.#client?.end().catch(() => {});
  }

  /** One statement at a time: a connection takes no second one before it has answered the first. */
  #run(sql: string, values: string[] = []): Promise<void> {
    this.#lastRun = this.#lastRun.then(async () => {
      const client = this.#client;
      try {
        await client?.query(sql, values);
      } catch {
        // Ends it, whatever state it is in; its end brings the next connection.
        await client?.end().catch(() => {});
      }
    });
    return this.#lastRun;
  }

  #watch(client: Client): void {
    this.#client = client;
    client.once('end', () => {
      this.#client = undefined;
      void this.#reconnect();
    });
  }

  async #reconnect(): Promise<void> {
    for (let pause = FIRST_PAUSE_MS; !this.#closed; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      // Half of it by chance: hosts that lost the same server should not come back in the same instant.
      await new Promise((wake) => setTimeout(wake, pause * (0.5 + Math.random() / 2)).unref());
      const client = this.#closed ? undefined : await this.#connect().catch(() => undefined);
      if (!client) continue;
      if (this.#closed) await client.end();
      else {
        this.#watch(client);
        this.#onReconnect();
      }
      return;
    }
  }
}
