import type { RedisClientType } from '@redis/client';
import { importClient } from '../import-client.ts';
import { toRedisError } from './redis-error.ts';

export type RedisConnection = RedisClientType;

/** Longest pause between two attempts to connect again, in milliseconds. */
const LONGEST_PAUSE_MS = 2000;

/**
 * A connection that renews itself for as long as it is open. While it is down calls fail at once instead of waiting
 * in a queue, and what was under way is never sent again: it may have been done.
 *
 * The client is `@redis/client`, Redis' own, the one part of the package `redis` that is needed; `ioredis` repeats
 * after a lost connection what was under way, and is no longer developed.
 *
 * @throws StoreError `unavailable` when the first connection fails or the package is missing.
 */
export async function connectRedis(url: string, timeoutMs: number): Promise<RedisConnection> {
  const { createClient } = await importClient('Redis', '@redis/client', () => import('@redis/client'));
  let connected = false;
  const client = createClient({
    url,
    name: 'northstar',
    disableOfflineQueue: true,
    // Finds out about a connection that a firewall has forgotten: without any answer the socket is closed.
    pingInterval: timeoutMs,
    socket: {
      connectTimeout: timeoutMs,
      socketTimeout: 3 * timeoutMs,
      reconnectStrategy: (retries, cause) =>
        connected ? Math.min(50 * 2 ** Math.min(retries, 10), LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2) : cause,
    },
  });
  // Without a listener an 'error' event ends the process. The calls that it concerns are told by their rejections.
  client.on('error', () => {});
  try {
    await client.connect();
    connected = true;
    return client as RedisConnection;
  } catch (error) {
    throw toRedisError(error, 'connect', false);
  }
}
