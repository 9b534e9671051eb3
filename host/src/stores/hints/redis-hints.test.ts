import { expect, it } from 'vitest';
import { describeEngine } from '../../../test/engines/describe-engine.ts';
import { allData, expectCode, inTurn } from '../contract/contract-kit.ts';
import { describeHintBus } from '../contract/hint-bus.contract.ts';
import { startTcpProxy } from '../contract/tcp-proxy.ts';
import { freshPrefix, openTestRedis, REDIS_URL, whyUnreachable } from '../../../test/engines/test-redis.ts';
import { tailStream } from '../tail-stream.ts';
import { withHints } from '../with-hints.ts';
import { openRedisHints } from './redis-hints.ts';

const { hostname: host, port } = new URL(REDIS_URL);

it('answers with unavailable when nobody listens', async () => {
  await expectCode('unavailable', openRedisHints({ url: 'redis://127.0.0.1:1' }));
});

await describeEngine('redis hints', whyUnreachable, () => {
  describeHintBus('redis', async () => {
    const proxy = await startTcpProxy({ host, port: Number(port) || 6379 });
    const channel = freshPrefix();
    return {
      open: () => openRedisHints({ url: `redis://127.0.0.1:${proxy.port}`, channel }),
      breakConnections: async () => proxy.cut(),
      close: () => proxy.close(),
    };
  });

  it('[STORE-06] tails on without loss while the listening connection is cut 3 times', async () => {
    const at = { tenantId: 't_a', stream: 'log' };
    const proxy = await startTcpProxy({ host, port: Number(port) || 6379 });
    const stores = await openTestRedis();
    const options = { url: `redis://127.0.0.1:${proxy.port}`, channel: stores.prefix };
    const [writing, reading] = await Promise.all([openRedisHints(options), openRedisHints(options)]);
    const spine = withHints(stores.spine, writing);
    const stop = new AbortController();
    const seen: unknown[] = [];
    const tail = async (): Promise<void> => {
      for await (const { data } of tailStream(stores.spine, reading, at, { signal: stop.signal, pollMs: 200 })) {
        seen.push(data);
        if (seen.length === 60) stop.abort();
      }
    };
    const tailing = tail();
    await inTurn(60, async (data) => {
      await spine.append(at, { type: 't', data });
      if (data % 20 === 10) proxy.cut();
      await new Promise((wake) => setTimeout(wake, 10));
    });
    await tailing;
    expect(seen).toEqual(await allData(stores.spine, at));
    await Promise.all([writing.close(), reading.close()]);
    await stores.close();
    await proxy.close();
  });
});
