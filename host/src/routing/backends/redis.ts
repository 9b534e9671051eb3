import { z } from 'zod';
import { defineBackend } from '../engine.ts';
import { refuseLoss } from './refuse-loss.ts';
import { name, urlOf } from './settings.ts';

/**
 * Sellable, because one Redis with `appendfsync always` keeps what it acknowledged. That is a setting of the server
 * which only a connection tells: a server without it is refused when it is opened, unless the route accepts the loss.
 * A failover to a replica may lose writes all the same, so Postgres is the better system of record.
 */
export const redisBackend = defineBackend({
  name: 'redis',
  ports: ['tabular', 'spine'],
  sellable: true,
  config: z.strictObject({
    url: urlOf(['redis', 'rediss'], 'redis://user:password@host:6379/0'),
    prefix: name(/^[A-Za-z0-9_.:-]{1,64}$/, '1 to 64 of A-Z a-z 0-9 _ . : -').optional(),
    may_lose_writes: z.boolean().default(false),
  }),
  secrets: [],
  async open({ may_lose_writes, ...config }) {
    const { openRedis } = await import('../../stores/drivers/redis/open-redis.ts');
    const redis = await openRedis(config);
    try {
      refuseLoss(redis.tabular.caps, may_lose_writes, 'appendonly yes and appendfsync always');
      return redis;
    } catch (error) {
      await redis.close();
      throw error;
    }
  },
  async openHints({ url, prefix }) {
    const { openRedisHints } = await import('../../stores/hints/redis-hints.ts');
    return openRedisHints({ url, ...(prefix && { channel: `${prefix}:hints` }) });
  },
});
