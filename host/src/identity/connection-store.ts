import type { Json } from '@northstar/sdk';
import { NorthstarError } from '../errors/northstar-error.ts';
import type { Partition, TabularStore } from '../stores/tabular-store.ts';
import type { Connection } from './connection.ts';
import { SYSTEM_TENANT } from './request-context.ts';

const AT: Partition = { tenantId: SYSTEM_TENANT, kind: 'config_store' };
const keyOf = (id: string): string => `connections/${id}`;

/** Operator-made connections; ids are unique in the host because they stand in URLs. */
export class ConnectionStore {
  readonly #records: TabularStore;

  constructor(records: TabularStore) {
    this.#records = records;
  }

  async save(connection: Connection): Promise<Connection> {
    await this.#records.put(AT, keyOf(connection.connection_id), connection as unknown as Json);
    return connection;
  }

  async find(id: string): Promise<Connection | undefined> {
    return (await this.#records.get(AT, keyOf(id)))?.value as unknown as Connection | undefined;
  }

  async get(id: string): Promise<Connection> {
    const found = await this.find(id);
    if (found === undefined)
      throw new NorthstarError(
        'connection.not_found',
        `No connection ${JSON.stringify(id.slice(0, 80))} exists. An operator makes one with PUT /admin/connections.`,
      );
    return found;
  }

  async remove(id: string): Promise<void> {
    await this.get(id);
    await this.#records.delete(AT, keyOf(id));
  }

  async list(): Promise<Connection[]> {
    const page = await this.#records.list(AT, { prefix: 'connections/', limit: 1000 });
    return page.items.map((item) => item.value as unknown as Connection);
  }
}
