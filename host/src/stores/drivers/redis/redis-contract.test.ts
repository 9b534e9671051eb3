import { describeEngine } from '../../../../test/engines/describe-engine.ts';
import { describeEngineFailures } from '../../contract/engine-failures.contract.ts';
import { describeEventSpine } from '../../contract/event-spine.contract.ts';
import { describeTabularStore } from '../../contract/tabular-store.contract.ts';
import { describeTwoHosts } from '../../contract/two-hosts.contract.ts';
import { describeVersionedStore } from '../../contract/versioned-store.contract.ts';
import { spineWithKeyCodec, tabularWithKeyCodec } from '../../with-key-codec.ts';
import { openTestRedis, REDIS_URL, whyUnreachable } from '../../../../test/engines/test-redis.ts';
import { openRedis } from './open-redis.ts';

await describeEngine('redis', whyUnreachable, () => {
  describeTabularStore('redis', async () => {
    const { tabular, close } = await openTestRedis();
    return { store: tabularWithKeyCodec(tabular), close };
  });
  describeEventSpine('redis', async (clock) => {
    const { spine, close } = await openTestRedis(clock);
    return { store: spineWithKeyCodec(spine), close };
  });
  describeVersionedStore('redis', async () => {
    const { tabular, spine, close } = await openTestRedis();
    return { store: { tabular: tabularWithKeyCodec(tabular), spine: spineWithKeyCodec(spine) }, close };
  });
  describeTwoHosts('redis', async () => {
    const one = await openTestRedis();
    const two = await openRedis({ url: REDIS_URL, prefix: one.prefix });
    return { hosts: [one, two], close: () => two.close().then(one.close) };
  });
  describeEngineFailures('redis', async () => {
    const { prefix, close } = await openTestRedis();
    const { hostname: host, port } = new URL(REDIS_URL);
    const open = (address: string, timeoutMs: number) => openRedis({ url: `redis://${address}`, prefix, timeoutMs });
    return { host, port: Number(port) || 6379, open, close };
  });
});
