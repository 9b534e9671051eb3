import { describeEngine } from '../../../../test/engines/describe-engine.ts';
import { describeEngineFailures } from '../../contract/engine-failures.contract.ts';
import { describeEventSpine } from '../../contract/event-spine.contract.ts';
import { describeTwoHosts } from '../../contract/two-hosts.contract.ts';
import { spineWithKeyCodec } from '../../with-key-codec.ts';
import { NATS_URL, openTestNats, whyUnreachable } from '../../../../test/engines/test-nats.ts';
import { openNats } from './open-nats.ts';

await describeEngine('nats', whyUnreachable, () => {
  describeEventSpine('nats', async (clock) => {
    const { spine, close } = await openTestNats(clock);
    return { store: spineWithKeyCodec(spine), close };
  });
  describeTwoHosts('nats', async () => {
    const one = await openTestNats();
    const two = await openNats({ url: NATS_URL, stream: one.stream });
    return { hosts: [one, two], close: () => two.close().then(one.close) };
  });
  describeEngineFailures('nats', async () => {
    const { stream, close } = await openTestNats();
    const { hostname: host, port } = new URL(NATS_URL);
    const open = (address: string, timeoutMs: number) => openNats({ url: `nats://${address}`, stream, timeoutMs });
    return { host, port: Number(port) || 4222, open, close };
  });
});
