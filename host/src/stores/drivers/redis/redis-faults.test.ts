import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeEngine } from '../../../../test/engines/describe-engine.ts';
import { allData, allKeys, expectCode, inParallel, inTurn, winners } from '../../contract/contract-kit.ts';
import { startTcpProxy, type TcpProxy } from '../../contract/tcp-proxy.ts';
import { importClient } from '../import-client.ts';
import { connectRedis } from './connect-redis.ts';
import { openRedis, type RedisStores } from './open-redis.ts';
import { RedisEngine, script } from './redis-engine.ts';
import {
  freshPrefix,
  openTestRedis,
  REDIS_URL,
  removePrefix,
  whyUnreachable,
} from '../../../../test/engines/test-redis.ts';

const at = { tenantId: 't_a', kind: 'notes', stream: 'log' };
const event = (data: number) => ({ type: 'counted', data });
const large = 'x'.repeat(900_000);

it('says which package is missing, and how to install it', async () => {
  const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
  const load = () => Promise.reject(missing);
  const { message } = await expectCode('unavailable', importClient('Redis', '@redis/client', load));
  expect(message).toContain('npm install @redis/client');
});

it('answers with unavailable when nobody listens, and refuses a prefix with braces', async () => {
  const { message } = await expectCode('unavailable', openRedis({ url: 'redis://127.0.0.1:1' }));
  expect(message).toContain('ECONNREFUSED');
  await expect(openRedis({ url: REDIS_URL, prefix: '{a}' })).rejects.toThrow(RangeError);
});

await describeEngine('redis faults', whyUnreachable, () => {
  let proxy: TcpProxy;
  let stores: RedisStores;
  let prefix: string;

  beforeEach(async () => {
    const { hostname: host, port } = new URL(REDIS_URL);
    proxy = await startTcpProxy({ host, port: Number(port) || 6379 });
    prefix = freshPrefix();
    stores = await openRedis({ url: `redis://127.0.0.1:${proxy.port}`, prefix, timeoutMs: 300 });
  });
  afterEach(async () => {
    await stores.close();
    await proxy.close();
    await removePrefix(prefix);
  });

  /** Until the connection is back. */
  const recovered = async (): Promise<void> => {
    for (;;) {
      if (
        await stores.tabular.get(at, 'a').then(
          () => true,
          () => false,
        )
      )
        return;
      await new Promise((wake) => setTimeout(wake, 20));
    }
  };

  it('answers in bounded time when the server is silent: a read is unavailable, a write unknown', async () => {
    await stores.tabular.put(at, 'a', 1);
    await stores.spine.append(at, event(0));
    proxy.muteAnswers(true);
    const start = performance.now();
    await Promise.all([
      expectCode('unavailable', stores.tabular.get(at, 'a')),
      expectCode('unavailable', stores.spine.read(at)),
      expectCode('unknown_outcome', stores.tabular.put(at, 'a', 2)),
      expectCode('unknown_outcome', stores.spine.append(at, { ...event(1), eventId: 'once' })),
    ]);
    expect(performance.now() - start).toBeLessThan(1000);
    proxy.muteAnswers(false);
    await recovered();
    // It had been written: repeating it as it was tells so.
    expect(await stores.spine.append(at, { ...event(1), eventId: 'once' })).toMatchObject({ seq: 2, duplicate: true });
  });

  it('answers what was under way when the connection broke with unknown_outcome, and connects again', async () => {
    proxy.muteAnswers(true);
    const cut = [
      expectCode('unknown_outcome', stores.tabular.put(at, 'a', 1)),
      expectCode('unavailable', stores.tabular.get(at, 'a')),
    ];
    await new Promise((wake) => setTimeout(wake, 50));
    proxy.cut();
    await Promise.all(cut);
    await recovered();
    expect((await stores.tabular.get(at, 'a'))?.value).toBe(1);
  });

  it('fails at once, with nothing written, while there is no connection', async () => {
    proxy.refuse(true);
    await new Promise((wake) => setTimeout(wake, 50));
    const start = performance.now();
    await expectCode('unavailable', stores.tabular.put(at, 'a', 1));
    await expectCode('unavailable', stores.spine.append(at, event(1)));
    expect(performance.now() - start).toBeLessThan(100);
    proxy.refuse(false);
    await recovered();
    expect(await stores.tabular.get(at, 'a')).toBeUndefined();
  });

  it('sends a script that the server does not know, or has forgotten', async () => {
    const engine = new RedisEngine(await connectRedis(REDIS_URL, 3000), prefix, 3000);
    const unknown = script('read', `return '${prefix}'`);
    expect(await engine.run('answer', unknown, [], [])).toBe(prefix);
    expect(await engine.run('answer', unknown, [], [])).toBe(prefix);
    await engine.close();
  });

  it('reports keys of another program as corrupt', async () => {
    const admin = await connectRedis(REDIS_URL, 3000);
    await admin.lPush(`${prefix}:records:{t_a/notes}:a`, 'x');
    admin.destroy();
    await expectCode('corrupt', stores.tabular.get(at, 'a'));
    await expectCode('corrupt', stores.tabular.put(at, 'a', 1, { ifVersion: 'absent' }));
  });

  it('refuses calls after it was closed, and closes also when the server is silent', async () => {
    proxy.muteAnswers(true);
    await stores.close();
    await stores.close();
    await expectCode('unavailable', stores.tabular.put(at, 'a', 1));
    await expectCode('unavailable', stores.spine.read(at));
  });
});

await describeEngine('redis faults', whyUnreachable, () => {
  let one: RedisStores & { prefix: string };
  let two: RedisStores;

  beforeEach(async () => {
    one = await openTestRedis();
    two = await openRedis({ url: REDIS_URL, prefix: one.prefix });
  });
  afterEach(async () => {
    await two.close();
    await one.close();
  });

  it('[STORE-03] counts every increment and numbers every event of both', async () => {
    await one.tabular.put(at, 'n', 0);
    const increment = async ({ tabular }: RedisStores): Promise<void> => {
      for (;;) {
        const record = await tabular.get<number>(at, 'n');
        const write = tabular.put(at, 'n', record!.value + 1, { ifVersion: record!.version });
        if (winners(await Promise.allSettled([write])) === 1) return;
      }
    };
    const hosts = [one, two];
    await inParallel(6, (w) =>
      inTurn(25, async (i) => {
        await increment(hosts[w % 2]!);
        await hosts[w % 2]!.spine.append(at, { ...event(w * 100 + i), eventId: `${w % 3}-${i}` });
      }),
    );
    expect((await two.tabular.get(at, 'n'))?.value).toBe(150);
    const { events } = await two.spine.read(at, { limit: 1000 });
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 75 }, (_, i) => i + 1));
  });

  it('cuts pages short when records and events are large, and loses none', async () => {
    for (let i = 0; i < 12; i++) await one.tabular.put(at, `k${i}`, large);
    const page = await one.tabular.list(at);
    expect([page.items.length, page.cursor !== undefined]).toEqual([4, true]);
    expect(await allKeys(one.tabular, at)).toHaveLength(12);
    for (let i = 0; i < 12; i++) await one.spine.append(at, { type: 't', data: { i, large } });
    const { events, more } = await one.spine.read(at);
    expect([events.length, more]).toEqual([4, true]);
    expect(await allData(one.spine, at)).toHaveLength(12);
  });

  it('takes an event of the size that it states and refuses a larger one', async () => {
    const { maxValueBytes } = one.spine.limits;
    await one.spine.append(at, { type: 't', data: 'x'.repeat(maxValueBytes - 2) });
    await expectCode('too_large', one.spine.append(at, { type: 't', data: 'x'.repeat(maxValueBytes - 1) }));
    expect(await allData(one.spine, at)).toHaveLength(1);
  });

  it('forgets many events and their ids, a few at a time', async () => {
    const entries = Array.from({ length: 500 }, (_, i) => ({ at, event: { ...event(i), eventId: `e${i}` } }));
    const last = (await one.spine.appendAll(entries)).at(-1)!;
    await one.spine.trim(at, { before: last.cursor });
    expect(await allData(one.spine, at)).toEqual([499]);
    expect(await two.spine.append(at, { ...event(7), eventId: 'e7' })).toMatchObject({ seq: 501, duplicate: false });
    expect(await two.spine.append(at, { ...event(499), eventId: 'e499' })).toMatchObject({ seq: 500, duplicate: true });
  });
});
