import { describeEngine, whyNotStarting } from '../../../../test/engines/describe-engine.ts';
import type { Opened } from '../../contract/contract-kit.ts';
import { describeEngineFailures } from '../../contract/engine-failures.contract.ts';
import { describeEventSpine } from '../../contract/event-spine.contract.ts';
import { describeTabularStore } from '../../contract/tabular-store.contract.ts';
import { describeTwoHosts } from '../../contract/two-hosts.contract.ts';
import { describeVersionedStore } from '../../contract/versioned-store.contract.ts';
import { spineWithKeyCodec, tabularWithKeyCodec } from '../../with-key-codec.ts';
import type { DynamoSpineOptions } from './dynamo-event-spine.ts';
import { openDynamo, type DynamoStores } from './open-dynamo.ts';
import { startDynalite } from '../../../../test/engines/start-dynalite.ts';

async function opened<Store>(
  pick: (stores: DynamoStores) => Store,
  options?: DynamoSpineOptions,
): Promise<Opened<Store>> {
  const table = await startDynalite();
  const stores = await table.open(options);
  const close = async (): Promise<void> => {
    await stores.close();
    await table.stop();
  };
  return { store: pick(stores), close };
}

const withKeyCodecs = ({ tabular, spine }: DynamoStores) => ({
  tabular: tabularWithKeyCodec(tabular),
  spine: spineWithKeyCodec(spine),
});

await describeEngine('dynamodb', whyNotStarting(startDynalite), () => {
  describeTabularStore('dynamodb', () => opened(({ tabular }) => tabularWithKeyCodec(tabular)));
  describeEventSpine('dynamodb', (clock) => opened(({ spine }) => spineWithKeyCodec(spine), clock));
  describeVersionedStore('dynamodb', () => opened(withKeyCodecs));
  describeTwoHosts('dynamodb', async () => {
    const table = await startDynalite();
    const hosts = [await table.open(), await table.open()] as const;
    return { hosts, close: () => Promise.all(hosts.map(({ close }) => close())).then(table.stop) };
  });
  describeEngineFailures('dynamodb', async () => {
    const { options, stop } = await startDynalite();
    const { hostname: host, port } = new URL(options.endpoint!);
    const open = (address: string, requestTimeout: number) =>
      openDynamo({ ...options, endpoint: `http://${address}` }, { timeouts: { requestTimeout } });
    return { host, port: Number(port), open, close: stop };
  });
});
