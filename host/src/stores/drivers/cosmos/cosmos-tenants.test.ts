import { CosmosClient, type Container } from '@azure/cosmos';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startCosmosServer, type CosmosServer } from '../../../../test/engines/cosmos-server/start-cosmos-server.ts';
import { describeEngine, whyNotStarting } from '../../../../test/engines/describe-engine.ts';
import { allData, allKeys, expectCode } from '../../contract/contract-kit.ts';
import { streamId } from '../document-ids.ts';
import { openCosmos, type CosmosStores } from './open-cosmos.ts';

const ann = { tenantId: 't_ann', kind: 'notes', stream: 'log' };
const bob = { ...ann, tenantId: 't_bob' };
const event = { type: 't', data: 'of-ann', eventId: 'e1' };
type Item = Record<string, unknown> & { id: string; pk: string; tenantId: string };

await describeEngine('cosmos tenants', whyNotStarting(startCosmosServer), () => {
  let server: CosmosServer;
  let stores: CosmosStores;
  let client: CosmosClient;
  let container: Container;
  const items = async () => (await container.items.query<Item>('SELECT * FROM c').fetchAll()).resources;

  beforeEach(async () => {
    server = await startCosmosServer();
    const { endpoint, key } = server;
    stores = await openCosmos({ endpoint, key, database: 'host', container: 'own', emulator: true });
    client = new CosmosClient({ endpoint, key, connectionPolicy: { enableEndpointDiscovery: false } });
    container = client.database('host').container('own');
  });
  afterEach(async () => {
    client.dispose();
    await stores.close();
    await server.stop();
  });

  it('[STORE-02] has the tenant in the partition of every item, and beside it', async () => {
    for (const at of [ann, bob]) {
      await stores.tabular.put(at, 'k', 'mine');
      await stores.spine.append(at, event);
    }
    const found = await items();
    for (const { pk, tenantId } of found) expect(pk.split('|')[1]).toBe(tenantId);
    expect(found.filter(({ tenantId }) => tenantId === 't_ann')).toHaveLength(found.length / 2);
  });

  it('[STORE-02] gives out no item of another tenant that lies in a partition of its own', async () => {
    const { tabular, spine } = stores;
    await tabular.put(ann, 'k', 'of-ann');
    const { cursor } = await spine.append(ann, event);
    for (const { _etag, _rid, _self, _ts, ...item } of await items()) {
      const pk = item.pk.replace('t_ann', 't_bob').replace(streamId(ann), streamId(bob));
      await container.items.create({ ...item, pk });
    }
    expect(await allKeys(tabular, bob)).toEqual([]);
    await expectCode('corrupt', tabular.get(bob, 'k'));
    expect(await allData(spine, bob)).toEqual([]);
    expect(await spine.head(bob)).toBeUndefined();
    await expectCode('cursor_invalid', spine.read(bob, { after: cursor }));
    await expectCode('cursor_invalid', spine.trim(bob, { before: cursor }));
    expect((await tabular.get(ann, 'k'))?.value).toBe('of-ann');
  });
});
