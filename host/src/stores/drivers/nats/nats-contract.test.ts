import { describeEngine } from '../../../../test/engines/describe-engine.ts';
import { describeEventSpine } from '../../contract/event-spine.contract.ts';
import { spineWithKeyCodec } from '../../with-key-codec.ts';
import { openTestNats, whyUnreachable } from '../../../../test/engines/test-nats.ts';

await describeEngine('nats', whyUnreachable, () => {
  describeEventSpine('nats', async (clock) => {
    const { spine, close } = await openTestNats(clock);
    return { store: spineWithKeyCodec(spine), close };
  });
});
