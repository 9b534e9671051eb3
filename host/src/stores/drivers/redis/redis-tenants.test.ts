import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeEngine } from '../../../../test/engines/describe-engine.ts';
import { openTestRedis, REDIS_URL, whyUnreachable } from '../../../../test/engines/test-redis.ts';
import { itKeepsTenantsApart } from '../../contract/foreign-tenant.contract.ts';
import { connectRedis } from './connect-redis.ts';

const ann = { tenantId: 't_ann', kind: 'notes', stream: 'log' };
const event = (data: string) => ({ type: 't', data, eventId: 'e1' });

/** Redis has no filter beside the key. */
await describeEngine('redis tenants', whyUnreachable, () => {
  let stores: Awaited<ReturnType<typeof openTestRedis>>;
  beforeEach(async () => {
    stores = await openTestRedis();
  });
  afterEach(() => stores.close());

  it('[STORE-02] has the tenant in the name of every key', async () => {
    await stores.tabular.put(ann, 'k', 1);
    await stores.spine.append(ann, event('of-ann'));
    const client = await connectRedis(REDIS_URL, 5000);
    const names: string[] = [];
    for await (const some of client.scanIterator({ MATCH: `${stores.prefix}:*`, COUNT: 1000 })) names.push(...some);
    client.destroy();
    expect(names).toHaveLength(5);
    for (const name of names) expect(name).toContain(':{t_ann/');
  });

  itKeepsTenantsApart(() => stores);
});
