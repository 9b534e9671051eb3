import { describe } from 'vitest';
import { describeEventSpine } from '../../contract/event-spine.contract.ts';
import { spineWithKeyCodec } from '../../with-key-codec.ts';
import { openTestNats, whyUnreachable } from '../../../../test/engines/test-nats.ts';

const skipped = await whyUnreachable();

describe.skipIf(skipped)(`nats${skipped ? `: skipped, ${skipped}` : ''}`, () => {
  describeEventSpine('nats', async (clock) => {
    const { spine, close } = await openTestNats(clock);
    return { store: spineWithKeyCodec(spine), close };
  });
});
