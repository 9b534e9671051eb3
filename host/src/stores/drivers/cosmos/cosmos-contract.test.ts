import { describeEngine, whyNotStarting } from '../../../../test/engines/describe-engine.ts';
import { startCosmosServer, type CosmosServer } from '../../../../test/engines/cosmos-server/start-cosmos-server.ts';
import { describeEngineFailures } from '../../contract/engine-failures.contract.ts';
import { describeEventSpine, type SpineClockOptions } from '../../contract/event-spine.contract.ts';
import { describeTabularStore } from '../../contract/tabular-store.contract.ts';
import { describeTwoHosts } from '../../contract/two-hosts.contract.ts';
import { describeVersionedStore } from '../../contract/versioned-store.contract.ts';
import { spineWithKeyCodec, tabularWithKeyCodec } from '../../with-key-codec.ts';
import { openCosmos, type CosmosStores } from './open-cosmos.ts';

async function opened<Store>(
  build: (stores: CosmosStores) => Store,
  clock?: SpineClockOptions,
): Promise<{ store: Store; close(): Promise<void> }> {
  const { endpoint, key, stop } = await startCosmosServer();
  const place = { database: 'host', container: 'stores', emulator: true };
  const stores = await openCosmos({ endpoint, key, ...place, ...clock });
  const close = async (): Promise<void> => {
    await stores.close();
    await stop();
  };
  return { store: build(stores), close };
}

const openHost = ({ endpoint, key }: Pick<CosmosServer, 'endpoint' | 'key'>, timeoutMs?: number) =>
  openCosmos({ endpoint, key, database: 'host', container: 'stores', emulator: true, timeoutMs });

const withKeyCodecs = ({ tabular, spine }: CosmosStores) => ({
  tabular: tabularWithKeyCodec(tabular),
  spine: spineWithKeyCodec(spine),
});

/** Every query looks at every item. */
const small = { scale: 'small' } as const;

await describeEngine('cosmos', whyNotStarting(startCosmosServer), () => {
  describeTabularStore('cosmos', () => opened(({ tabular }) => tabularWithKeyCodec(tabular)), small);
  describeEventSpine('cosmos', (clock) => opened(({ spine }) => spineWithKeyCodec(spine), clock), small);
  describeVersionedStore('cosmos', () => opened(withKeyCodecs));
  describeTwoHosts('cosmos', async () => {
    const server = await startCosmosServer();
    const hosts = [await openHost(server), await openHost(server)] as const;
    return { hosts, close: () => Promise.all(hosts.map(({ close }) => close())).then(server.stop) };
  });
  describeEngineFailures('cosmos', async () => {
    const { endpoint, key, stop } = await startCosmosServer();
    const { hostname: host, port } = new URL(endpoint);
    const open = (address: string, timeoutMs: number) => openHost({ endpoint: `http://${address}/`, key }, timeoutMs);
    return { host, port: Number(port), open, close: stop };
  });
});
