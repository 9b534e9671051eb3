import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeEngine } from '../../../../test/engines/describe-engine.ts';
import { openTestRedis, REDIS_URL, whyUnreachable } from '../../../../test/engines/test-redis.ts';
import { allData, allKeys, expectCode } from '../../contract/contract-kit.ts';
import { connectRedis } from './connect-redis.ts';

const ann = { tenantId: 't_ann', kind: 'notes', stream: 'log' };
const bob = { ...ann, tenantId: 't_bob' };
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

  it('[STORE-02] neither gives out nor changes what another tenant keeps under the same names', async () => {
    const { tabular, spine } = stores;
    const { version } = await tabular.put(ann, 'k', 'of-ann');
    const { cursor } = await spine.append(ann, event('of-ann'));
    expect(await tabular.get(bob, 'k')).toBeUndefined();
    expect(await tabular.getMany!(bob, ['k'])).toEqual([undefined]);
    expect(await allKeys(tabular, bob)).toEqual([]);
    await expectCode('conflict', tabular.put(bob, 'k', 1, { ifVersion: version }));
    await expectCode('conflict', tabular.delete(bob, 'k', { ifVersion: version }));
    expect(await tabular.delete(bob, 'k')).toBe(false);
    expect(await allData(spine, bob)).toEqual([]);
    await expectCode('cursor_invalid', spine.trim(bob, { before: cursor }));
    expect((await spine.append(bob, event('of-bob'))).duplicate).toBe(false);
    expect((await tabular.get(ann, 'k'))?.value).toBe('of-ann');
    expect(await allData(spine, ann)).toEqual(['of-ann']);
  });
});
