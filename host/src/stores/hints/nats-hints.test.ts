import { expect, it } from 'vitest';
import { describeEngine } from '../../../test/engines/describe-engine.ts';
import { expectCode } from '../contract/contract-kit.ts';
import { describeHintBus } from '../contract/hint-bus.contract.ts';
import { startTcpProxy } from '../contract/tcp-proxy.ts';
import { NATS_URL, openTestNats, whyUnreachable } from '../../../test/engines/test-nats.ts';
import { openNatsHints } from './nats-hints.ts';

const { hostname: host, port } = new URL(NATS_URL);

it('answers with unavailable when nobody listens, and refuses a subject with wildcards', async () => {
  await expectCode('unavailable', openNatsHints({ url: 'nats://127.0.0.1:1' }));
  await expect(openNatsHints({ url: NATS_URL, subject: 'a.>' })).rejects.toThrow(RangeError);
});

await describeEngine('nats hints', whyUnreachable, () => {
  describeHintBus('nats', async () => {
    const proxy = await startTcpProxy({ host, port: Number(port) || 4222 });
    const { spine, stream, close } = await openTestNats();
    return {
      open: () => openNatsHints({ url: `nats://${proxy.host}`, subject: `${stream}_hints` }),
      breakConnections: async () => proxy.cut(),
      spine,
      close: () => Promise.all([close(), proxy.close()]),
    };
  });
});
