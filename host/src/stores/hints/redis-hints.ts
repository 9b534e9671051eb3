import { connectRedis } from '../drivers/redis/connect-redis.ts';
import { toRedisError } from '../drivers/redis/redis-error.ts';
import type { HintBus } from '../hint-bus.ts';
import { RemoteHints } from './remote-hints.ts';

export interface RedisHintsOptions {
  readonly url: string;
  /** Hosts with the same channel wake each other. Default `northstar:hints`. */
  readonly channel?: string;
}

/** Enough to send the hints of one burst together. */
const COALESCE_MS = 1;
const TIMEOUT_MS = 5000;

/**
 * Hints through Redis pub/sub, on a connection of their own that renews itself; what was missed meanwhile is made up
 * for by waking everybody.
 *
 * @throws StoreError `unavailable` when the first connection fails or the package `@redis/client` is missing.
 */
export async function openRedisHints({ url, channel = 'northstar:hints' }: RedisHintsOptions): Promise<HintBus> {
  const hints = new RemoteHints(COALESCE_MS);
  const client = await connectRedis(url, TIMEOUT_MS);
  try {
    await client.subscribe(channel, (payload) => hints.receive(payload));
  } catch (error) {
    client.destroy();
    throw toRedisError(error, 'listen for hints', false);
  }
  // After every connection but the first, once the channel is subscribed again.
  client.on('ready', () => hints.wakeEverybody());
  hints.connect({
    send: (payload) => client.publish(channel, payload),
    async close() {
      client.destroy();
    },
  });
  return hints;
}
