import { it } from 'vitest';
import { describeEngine } from '../../../test/engines/describe-engine.ts';
import { expectCode } from '../contract/contract-kit.ts';
import { describeHintBus } from '../contract/hint-bus.contract.ts';
import { startTcpProxy } from '../contract/tcp-proxy.ts';
import { openTestRedis, REDIS_URL, whyUnreachable } from '../../../test/engines/test-redis.ts';
import { openRedisHints } from './redis-hints.ts';

const { hostname: host, port } = new URL(REDIS_URL);

it('answers with unavailable when nobody listens', async () => {
  await expectCode('unavailable', openRedisHints({ url: 'redis://127.0.0.1:1' }));
});

await describeEngine('redis hints', whyUnreachable, () => {
  describeHintBus('redis', async () => {
    const proxy = await startTcpProxy({ host, port: Number(port) || 6379 });
    const { spine, prefix, close } = await openTestRedis();
    return {
      open: () => openRedisHints({ url: `redis://${proxy.host}`, channel: prefix }),
      breakConnections: async () => proxy.cut(),
      spine,
      close: () => Promise.all([close(), proxy.close()]),
    };
  });
});
