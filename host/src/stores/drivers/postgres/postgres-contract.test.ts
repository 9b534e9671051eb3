import { describeEngine } from '../../../../test/engines/describe-engine.ts';
import { describeEventSpine } from '../../contract/event-spine.contract.ts';
import { describeTabularStore } from '../../contract/tabular-store.contract.ts';
import { spineWithKeyCodec, tabularWithKeyCodec } from '../../with-key-codec.ts';
import { openTestPostgres, whyUnreachable } from '../../../../test/engines/test-postgres.ts';

await describeEngine('postgres', whyUnreachable, () => {
  describeTabularStore('postgres', async () => {
    const { tabular, close } = await openTestPostgres();
    return { store: tabularWithKeyCodec(tabular), close };
  });
  describeEventSpine('postgres', async () => {
    const { spine, close } = await openTestPostgres();
    return { store: spineWithKeyCodec(spine), close };
  });
});
