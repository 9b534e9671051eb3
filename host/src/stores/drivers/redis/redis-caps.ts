import type { EngineCaps, EngineLimits } from '../../engine-caps.ts';
import { MAX_KEY_BYTES } from '../../key-codec.ts';
import { StoreError } from '../../store-error.ts';
import type { JsonLimit } from '../json-text.ts';
import type { RedisEngine } from './redis-engine.ts';

/** Smaller than elsewhere: while one caller's value is copied, every other caller waits. */
const MAX_VALUE_BYTES = 1024 * 1024;
export const REDIS_LIMITS: EngineLimits = { maxValueBytes: MAX_VALUE_BYTES, maxKeyBytes: MAX_KEY_BYTES };
export const REDIS_JSON: JsonLimit = { maxBytes: MAX_VALUE_BYTES, setBy: 'Redis' };

/** Bytes of JSON in one page. */
export const PAGE_BYTES = 4 * 1024 * 1024;

/**
 * What the server promises is in its settings. Only with `appendonly yes` and `appendfsync always` is an acknowledged
 * write on disk; the default, `everysec`, may lose a second. Replicas do not add to it: they are told after the
 * acknowledgement. A server that hides its settings is taken to promise nothing.
 *
 * @throws StoreError `unavailable` when it would evict records to make room, or is a cluster.
 */
export async function redisCaps(engine: RedisEngine): Promise<EngineCaps> {
  const info = await engine.call('read its settings', 'read', (client) => client.info());
  const [, policy] = /^maxmemory_policy:(\S+)/m.exec(info) ?? [];
  if (policy?.startsWith('allkeys-')) {
    throw new StoreError(
      'unavailable',
      `Redis has maxmemory-policy ${policy} and would drop records when it is full: set it to noeviction.`,
    );
  }
  if (/^cluster_enabled:1/m.test(info)) {
    throw new StoreError('unavailable', 'This Redis is a cluster, which is not supported: use a single primary.');
  }
  const settings = await engine
    .call('read its settings', 'read', (client) => client.configGet(['appendonly', 'appendfsync']))
    .catch(() => ({}) as Record<string, string>);
  const synced = settings.appendonly === 'yes' && settings.appendfsync === 'always';
  return { durability: synced ? 'fsync' : 'process', multiProcess: true, verified: 'real' };
}
