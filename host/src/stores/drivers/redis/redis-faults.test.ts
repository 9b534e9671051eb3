import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeEngine } from '../../../../test/engines/describe-engine.ts';
import { allData, expectCode } from '../../contract/contract-kit.ts';
import { startTcpProxy, type TcpProxy } from '../../contract/tcp-proxy.ts';
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

  it('answers what was under way when the connection broke with unknown_outcome, and connects again', async () => {
    proxy.muteAnswers(true);
    const cut = [
      expectCode('unknown_outcome', stores.tabular.put(at, 'a', 1)),
      expectCode('unavailable', stores.tabular.get(at, 'a')),
    ];
    await new Promise((wake) => setTimeout(wake, 50));
    proxy.cut();
    proxy.muteAnswers(false);
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

  it('sends nothing more once it has told the caller that it does not know the outcome', async () => {
    const client = await connectRedis(`redis://127.0.0.1:${proxy.port}`, 3000);
    const engine = new RedisEngine(client, prefix, 300);
    const key = `${prefix}:late`;
    // The server has never seen it: its answer asks for the whole script.
    const unknown = script('write', `return redis.call('SET', KEYS[1], 'late') -- ${prefix}`);
    proxy.muteAnswers(true);
    await expectCode('unknown_outcome', engine.run('write', unknown, [key], []));
    proxy.muteAnswers(false);
    // Answered in order: whatever the late answer made the client send has been done when the second one is there.
    for (let i = 0; i < 2; i++) await engine.call('ask', 'read', () => client.ping());
    expect(await engine.call('look', 'read', () => client.get(key))).toBeNull();
    await engine.run('write', unknown, [key], []);
    expect(await engine.call('look', 'read', () => client.get(key))).toBe('late');
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

  it('forgets many events and their ids, a few at a time', async () => {
    const entries = Array.from({ length: 500 }, (_, i) => ({ at, event: { ...event(i), eventId: `e${i}` } }));
    const last = (await one.spine.appendAll(entries)).at(-1)!;
    await one.spine.trim(at, { before: last.cursor });
    expect(await allData(one.spine, at)).toEqual([499]);
    expect(await two.spine.append(at, { ...event(7), eventId: 'e7' })).toMatchObject({ seq: 501, duplicate: false });
    expect(await two.spine.append(at, { ...event(499), eventId: 'e499' })).toMatchObject({ seq: 500, duplicate: true });
  });
});
