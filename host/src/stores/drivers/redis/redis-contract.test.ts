import { describeEngine } from '../../../../test/engines/describe-engine.ts';
import { describeEventSpine } from '../../contract/event-spine.contract.ts';
import { describeTabularStore } from '../../contract/tabular-store.contract.ts';
import { spineWithKeyCodec, tabularWithKeyCodec } from '../../with-key-codec.ts';
import { openTestRedis, whyUnreachable } from '../../../../test/engines/test-redis.ts';

await describeEngine('redis', whyUnreachable, () => {
  describeTabularStore('redis', async () => {
    const { tabular, close } = await openTestRedis();
    return { store: tabularWithKeyCodec(tabular), close };
  });
  describeEventSpine('redis', async (clock) => {
    const { spine, close } = await openTestRedis(clock);
    return { store: spineWithKeyCodec(spine), close };
  });
});
