import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeEngine } from '../../../../test/engines/describe-engine.ts';
import { openTestPostgres, runSql, whyUnreachable } from '../../../../test/engines/test-postgres.ts';
import { allData, allKeys, expectCode } from '../../contract/contract-kit.ts';

const ann = { tenantId: 't_ann', kind: 'notes', stream: 'log' };
const bob = { ...ann, tenantId: 't_bob' };
const event = (data: string) => ({ type: 't', data, eventId: 'e1' });

await describeEngine('postgres tenants', whyUnreachable, () => {
  let stores: Awaited<ReturnType<typeof openTestPostgres>>;
  const tenantsOf = async (table: string): Promise<unknown[]> =>
    (await runSql(`SELECT tenant FROM ${stores.schema}.${table} ORDER BY tenant`)).rows.map(({ tenant }) => tenant);

  beforeEach(async () => {
    stores = await openTestPostgres();
  });
  afterEach(() => stores.close());

  it('[STORE-02] has the tenant in the key of records and streams: equal names lie beside each other', async () => {
    const { tabular, spine } = stores;
    for (const at of [ann, bob]) {
      await tabular.put(at, 'k', at.tenantId, { ifVersion: 'absent' });
      await spine.append(at, event(at.tenantId), { expect: null });
    }
    expect(await tenantsOf('records')).toEqual(['t_ann', 't_bob']);
    expect(await tenantsOf('streams')).toEqual(['t_ann', 't_bob']);
  });

  it('[STORE-02] asks for the tenant in every statement: rows of another are neither given out nor changed', async () => {
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
    expect(await spine.head(bob)).toBeUndefined();
    await expectCode('cursor_invalid', spine.trim(bob, { before: cursor }));
    expect((await spine.append(bob, event('of-bob'))).duplicate).toBe(false);
    expect((await tabular.get(ann, 'k'))?.value).toBe('of-ann');
    expect(await allData(spine, ann)).toEqual(['of-ann']);
  });
});
