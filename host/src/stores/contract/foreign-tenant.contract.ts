import { expect, it } from 'vitest';
import { allData, allKeys, expectCode } from './contract-kit.ts';
import type { HostStores } from './two-hosts.contract.ts';

const ann = { tenantId: 't_ann', kind: 'notes', stream: 'log' };
const bob = { ...ann, tenantId: 't_bob' };
const event = (data: string) => ({ type: 't', data, eventId: 'e1' });

/** What a tenant can do to another one that has records and events under the same names: nothing. */
export function itKeepsTenantsApart(stores: () => Required<HostStores>): void {
  it('[STORE-02] neither gives out nor changes what another tenant keeps under the same names', async () => {
    const { tabular, spine } = stores();
    const { version } = await tabular.put(ann, 'k', 'of-ann');
    const { cursor } = await spine.append(ann, event('of-ann'));
    expect(await tabular.get(bob, 'k')).toBeUndefined();
    expect(await tabular.getMany?.(bob, ['k'])).toEqual(tabular.getMany && [undefined]);
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
}
