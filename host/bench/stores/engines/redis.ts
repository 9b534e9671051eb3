import { randomBytes, randomUUID } from 'node:crypto';
import type { Json } from '@northstar/sdk';
import { freshPrefix, openTestRedis, REDIS_URL, removePrefix } from '../../../test/engines/test-redis.ts';
import { connectRedis, type RedisConnection } from '../../../src/stores/drivers/redis/connect-redis.ts';
import { spineWithKeyCodec, tabularWithKeyCodec } from '../../../src/stores/with-key-codec.ts';
import { portSide, type EventSide, type RecordSide, type Rig } from '../store-side.ts';

/** The Redis engine, and `@redis/client` by hand: scripts that do no more than the write needs. */
export async function openRedisRig(): Promise<Rig> {
  const stores = await openTestRedis();
  const prefix = freshPrefix();
  const client = await connectRedis(REDIS_URL, 5000);
  const run = await scripts(client);
  return {
    port: portSide({ tabular: tabularWithKeyCodec(stores.tabular), spine: spineWithKeyCodec(stores.spine) }),
    bare: { ...bareRecords(client, run, prefix), ...bareEvents(client, run, prefix) },
    bareDoes:
      'a loaded script per write that keeps an index of the keys, compares versions, or numbers an event and notes its ' +
      'id; 64 callers: 64 calls at once, which the client pipelines',
    async close() {
      client.destroy();
      await removePrefix(prefix);
      await stores.close();
    },
  };
}

type Run = Awaited<ReturnType<typeof scripts>>;

async function scripts(client: RedisConnection) {
  const load = async (lua: string) => {
    const sha = await client.scriptLoad(lua);
    return (keys: string[], args: string[]) => client.evalSha(sha, { keys, arguments: args });
  };
  return {
    put: await load(
      `if ARGV[4] ~= '' and redis.call('GETRANGE', KEYS[1], 0, 21) ~= ARGV[4] then return 0 end
       redis.call('SET', KEYS[1], ARGV[1] .. ARGV[2])
       redis.call('ZADD', KEYS[2], 0, ARGV[3])
       return 1`,
    ),
    append: await load(
      `local seq, at = tonumber(redis.call('HGET', KEYS[2], 'seq') or '0') + 1, ARGV[3]
       local before = redis.call('HGET', KEYS[2], 'at') or ''
       if before > at then at = before end
       redis.call('XADD', KEYS[1], seq .. '-0', 'id', ARGV[1], 'type', ARGV[2], 'at', at, 'json', ARGV[4])
       redis.call('HSET', KEYS[3], ARGV[1], seq)
       redis.call('HSET', KEYS[2], 'seq', seq, 'at', at)
       return seq`,
    ),
  };
}

function bareRecords(client: RedisConnection, run: Run, prefix: string): RecordSide {
  const write = async (key: string, value: Json, expected = ''): Promise<string> => {
    const version = randomBytes(16).toString('base64url');
    const done = await run.put(
      [`${prefix}:r:{b}:${key}`, `${prefix}:k:{b}`],
      [version, JSON.stringify(value), key, expected],
    );
    if (done !== 1) throw new Error('conflict');
    return version;
  };
  return {
    put: write,
    create: write,
    compareAndSet: write,
    async get(key) {
      const stored = (await client.get(`${prefix}:r:{b}:${key}`))!;
      return { key, version: stored.slice(0, 22), value: JSON.parse(stored.slice(22)) as unknown };
    },
  };
}

function bareEvents(client: RedisConnection, run: Run, prefix: string): EventSide {
  const keys = ['events', 'head', 'ids'].map((part) => `${prefix}:${part}:{b}`);
  const append = (data: Json) =>
    run.append(keys, [randomUUID(), 'bench.happened', new Date().toISOString(), JSON.stringify(data)]);
  return {
    append,
    appendTogether: (batch) => Promise.all(batch.map(append)),
    async replay() {
      let found = 0;
      for (let from = '-'; ;) {
        const rows = (await client.xRange(keys[0]!, from, '+', { COUNT: 1000 })) ?? [];
        const events = rows.map(({ id, message }) => ({
          ...message,
          seq: parseInt(id, 10),
          json: JSON.parse(message.json!),
        }));
        found += events.length;
        if (rows.length < 1000) return found;
        from = `(${rows.at(-1)!.id}`;
      }
    },
  };
}
