import type { EventSpine } from '../../event-spine.ts';
import type { TabularStore } from '../../tabular-store.ts';
import { connectRedis } from './connect-redis.ts';
import { redisCaps } from './redis-caps.ts';
import { RedisEngine } from './redis-engine.ts';
import { RedisEventSpine, type RedisClock } from './redis-event-spine.ts';
import { RedisTabularStore } from './redis-tabular-store.ts';

export interface RedisOptions extends RedisClock {
  /** `redis://user:password@host:6379/0`, or `rediss://` for TLS. */
  readonly url: string;
  /** What every key starts with. Hosts with the same prefix share everything. Default `northstar`. */
  readonly prefix?: string;
  /** Milliseconds after which a call fails; default 5000. */
  readonly timeoutMs?: number;
}

export interface RedisStores {
  readonly tabular: TabularStore;
  readonly spine: EventSpine;
  /** Waits for what is under way. May be called twice. */
  close(): Promise<void>;
}

const PREFIX = /^[A-Za-z0-9_.:-]{1,64}$/;

/**
 * Records and events in one Redis 6 or later, shared by any number of hosts. The drivers expect what the key codec
 * gives out.
 *
 * For a system of record set `appendonly yes` and `appendfsync always`, and `maxmemory-policy noeviction`. Replication
 * is asynchronous: a failover may lose acknowledged writes and give the numbers of lost events out again, so that a
 * reader who saw them misses their successors. See `caps.durability`.
 *
 * @throws StoreError `unavailable`: the package `@redis/client` is missing, or the server cannot be reached, refuses
 * the user, evicts records or is a cluster.
 */
export async function openRedis({
  url,
  prefix = 'northstar',
  timeoutMs = 5000,
  now,
}: RedisOptions): Promise<RedisStores> {
  if (!PREFIX.test(prefix)) throw new RangeError(`The Redis prefix "${prefix}" is not 1 to 64 of A-Z a-z 0-9 _ . : -`);
  const engine = new RedisEngine(await connectRedis(url, timeoutMs), prefix, timeoutMs);
  try {
    const caps = await redisCaps(engine);
    return {
      tabular: new RedisTabularStore(engine, caps),
      spine: new RedisEventSpine(engine, caps, { now }),
      close: () => engine.close(),
    };
  } catch (error) {
    await engine.close();
    throw error;
  }
}
