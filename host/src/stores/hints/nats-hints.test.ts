import { expect, it } from 'vitest';
import { describeEngine } from '../../../test/engines/describe-engine.ts';
import { allData, expectCode, inTurn } from '../contract/contract-kit.ts';
import { describeHintBus } from '../contract/hint-bus.contract.ts';
import { startTcpProxy } from '../contract/tcp-proxy.ts';
import { freshStream, NATS_URL, openTestNats, whyUnreachable } from '../../../test/engines/test-nats.ts';
import { tailStream } from '../tail-stream.ts';
import { withHints } from '../with-hints.ts';
import { openNatsHints } from './nats-hints.ts';

const { hostname: host, port } = new URL(NATS_URL);

it('answers with unavailable when nobody listens, and refuses a subject with wildcards', async () => {
  await expectCode('unavailable', openNatsHints({ url: 'nats://127.0.0.1:1' }));
  await expect(openNatsHints({ url: NATS_URL, subject: 'a.>' })).rejects.toThrow(RangeError);
});

await describeEngine('nats hints', whyUnreachable, () => {
  describeHintBus('nats', async () => {
    const proxy = await startTcpProxy({ host, port: Number(port) || 4222 });
    const subject = freshStream();
    return {
      open: () => openNatsHints({ url: `nats://127.0.0.1:${proxy.port}`, subject }),
      breakConnections: async () => proxy.cut(),
      close: () => proxy.close(),
    };
  });

  it('[STORE-06] tails on without loss while the listening connection is cut 3 times', async () => {
    const at = { tenantId: 't_a', stream: 'log' };
    const proxy = await startTcpProxy({ host, port: Number(port) || 4222 });
    const stores = await openTestNats();
    const options = { url: `nats://127.0.0.1:${proxy.port}`, subject: freshStream() };
    const [writing, reading] = await Promise.all([openNatsHints(options), openNatsHints(options)]);
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
