import { CosmosClient, type Container } from '@azure/cosmos';
import { startCosmosServer } from '../../../test/engines/cosmos-server/start-cosmos-server.ts';
import { openCosmos } from '../../../src/stores/drivers/cosmos/open-cosmos.ts';
import { spineWithKeyCodec, tabularWithKeyCodec } from '../../../src/stores/with-key-codec.ts';
import { bareCommits, padded, type Commit } from './commit-chain.ts';
import { portSide, type EventSide, type RecordSide, type Rig } from '../store-side.ts';

/** The Cosmos DB engine, and `@azure/cosmos` by hand, each in a container of its own on one emulator. */
export async function openCosmosRig(): Promise<Rig> {
  const server = await startCosmosServer();
  const { endpoint, key } = server;
  const stores = await openCosmos({ endpoint, key, database: 'bench', container: 'port', emulator: true });
  const client = new CosmosClient({ endpoint, key, connectionPolicy: { enableEndpointDiscovery: false } });
  const { database } = await client.databases.createIfNotExists({ id: 'bench' });
  const { container } = await database.containers.createIfNotExists({ id: 'bare', partitionKey: { paths: ['/pk'] } });
  return {
    port: portSide({ tabular: tabularWithKeyCodec(stores.tabular), spine: spineWithKeyCodec(stores.spine) }),
    bare: { ...bareRecords(container), ...bareEvents(container) },
    bareDoes:
      'point reads, upserts, and replaces with the etag; an append creates the item behind the newest, which it reads ' +
      'first; 64 callers: their 64 events in one item, with an indexed list of their ids, by hand; the tenant stands in ' +
      'the partition key and in the filter',
    async close() {
      client.dispose();
      await stores.close();
      await server.stop();
    },
  };
}

interface Item {
  readonly json: string;
  readonly _etag: string;
}

function bareRecords(container: Container): RecordSide {
  const pk = 't_bench|bare';
  const id = (key: string): string => key.replaceAll('/', '|');
  const write = async (key: string, value: unknown): Promise<string> =>
    (await container.items.upsert({ id: id(key), pk, json: JSON.stringify(value) })).etag;
  return {
    put: write,
    create: write,
    async compareAndSet(key, value, version) {
      const condition = { accessCondition: { type: 'IfMatch', condition: version } };
      const fields = { id: id(key), pk, json: JSON.stringify(value) };
      return (await container.item(id(key), pk).replace(fields, condition)).etag;
    },
    async get(key) {
      const { resource } = await container.item(id(key), pk).read<Item>();
      return { key, version: resource!._etag, value: JSON.parse(resource!.json) as unknown };
    },
  };
}

function bareEvents(container: Container): EventSide {
  const partitionKey = 't_bench|bare-events';
  const query = async (rest: string, values: Record<string, number> = {}): Promise<Commit[]> => {
    const all = Object.entries({ pk: partitionKey, tenant: 't_bench', ...values });
    const parameters = all.map(([name, value]) => ({ name: `@${name}`, value }));
    const sql = { query: `SELECT ${rest}`, parameters };
    return (await container.items.query<Commit>(sql, { partitionKey }).fetchAll()).resources;
  };
  return bareCommits({
    async append(next) {
      const [head] = await query(
        'TOP 1 c.first, c.count, c.lastAt FROM c WHERE c.pk = @pk AND c.tenant = @tenant ORDER BY c.first DESC',
      );
      const commit = next(head);
      await container.items.create({ id: padded(commit.first), pk: partitionKey, tenant: 't_bench', ...commit });
    },
    page: (from, to) =>
      query(
        'c.first, c.json FROM c WHERE c.pk = @pk AND c.tenant = @tenant AND c.first >= @from AND c.first <= @to ' +
          'ORDER BY c.first ASC',
        { from, to },
      ),
  });
}
