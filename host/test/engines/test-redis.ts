/** The server that the tests run against, and a prefix of their own in it. Only imported by tests. */
import { randomBytes } from 'node:crypto';
import { connectRedis } from '../../src/stores/drivers/redis/connect-redis.ts';
import { openRedis, type RedisOptions, type RedisStores } from '../../src/stores/drivers/redis/open-redis.ts';

export const REDIS_URL = process.env.NORTHSTAR_TEST_REDIS_URL ?? 'redis://127.0.0.1:6379';

/** Why there is no server to test against; undefined when there is one. */
export async function whyUnreachable(): Promise<string | undefined> {
  try {
    (await connectRedis(REDIS_URL, 3000)).destroy();
    return undefined;
  } catch (error) {
    return `no Redis at NORTHSTAR_TEST_REDIS_URL (${(error as Error).message})`;
  }
}

export function freshPrefix(): string {
  return `northstar-test:${process.pid}:${randomBytes(4).toString('hex')}`;
}

export async function removePrefix(prefix: string): Promise<void> {
  const client = await connectRedis(REDIS_URL, 10_000);
  for await (const keys of client.scanIterator({ MATCH: `${prefix}:*`, COUNT: 1000 })) {
    if (keys.length > 0) await client.del(keys);
  }
  client.destroy();
}

/** Stores with a prefix of their own, whose keys `close` removes. */
export async function openTestRedis(options: Partial<RedisOptions> = {}): Promise<RedisStores & { prefix: string }> {
  const prefix = freshPrefix();
  const stores = await openRedis({ url: REDIS_URL, prefix, ...options });
  const close = async (): Promise<void> => {
    await stores.close();
    await removePrefix(prefix);
  };
  return { ...stores, prefix, close };
}
