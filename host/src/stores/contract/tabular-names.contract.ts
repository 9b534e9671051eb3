import { expect, it } from 'vitest';
import { readMany } from '../read-many.ts';
import type { Partition, TabularStore } from '../tabular-store.ts';
import { allKeys, allRecords, expectCode, freshTenant } from './contract-kit.ts';
import { HOSTILE_KEYS, HOSTILE_KINDS, REFUSED_KEYS, REFUSED_KINDS, REFUSED_TENANTS } from './hostile-names.ts';

/** Tenants, kinds and keys, hostile ones too. Part of `describeTabularStore`. */
export function tabularNameRules(current: () => { store: TabularStore; at: Partition }): void {
  it('[STORE-02] keeps tenants and kinds apart, also with a cursor of another tenant', async () => {
    const { store, at } = current();
    const places = [at, { ...at, tenantId: `${at.tenantId}2` }, { ...at, kind: 'notes2' }, { ...at, kind: 'note' }];
    for (const [i, place] of places.entries()) {
      for (const key of ['x', 'y', 'z']) await store.put(place, key, i);
    }
    const { cursor } = await store.list(at, { limit: 1 });
    for (const [i, place] of places.entries()) {
      expect((await allRecords(store, place, { prefix: '' })).map(({ value }) => value)).toEqual([i, i, i]);
      // An engine may refuse the cursor of another partition; it must not follow it there.
      const page = await store.list(place, { cursor }).catch(async (error) => {
        await expectCode('cursor_invalid', Promise.reject(error));
        return store.list(place);
      });
      for (const { value } of page.items) expect(value).toBe(i);
    }
    await store.delete(places[1]!, 'x');
    expect((await store.get(at, 'x'))?.value).toBe(0);
  });

  it('[STORE-02] stores hostile keys as they are, each by itself', async () => {
    const { store, at } = current();
    await Promise.all(HOSTILE_KEYS.map((key, i) => store.put(at, key, i, { ifVersion: 'absent' })));
    for (const [i, key] of HOSTILE_KEYS.entries()) expect((await store.get(at, key))?.value).toBe(i);
    expect((await allKeys(store, at, { limit: 9 })).sort()).toEqual([...HOSTILE_KEYS].sort());
    for (const key of HOSTILE_KEYS) {
      const expected = HOSTILE_KEYS.filter((other) => other.startsWith(key));
      expect((await allKeys(store, at, { prefix: key })).sort()).toEqual(expected.sort());
    }
  });

  it('[STORE-02] keeps kinds apart that only their signs tell apart, whatever the keys', async () => {
    const { store, at } = current();
    const keys = ['b', 'b/c', 'b:c', '/b', ':b', '@b', '.b', 'c'];
    const places = HOSTILE_KINDS.map((kind) => ({ ...at, kind }));
    for (const [i, place] of places.entries()) {
      await Promise.all(keys.map((key, n) => store.put(place, key, [i, n], { ifVersion: 'absent' })));
    }
    for (const [i, place] of places.entries()) {
      const found = await allRecords(store, place, { limit: 3 });
      expect(found.map(({ key }) => key).sort()).toEqual([...keys].sort());
      for (const { key, value } of found) expect(value).toEqual([i, keys.indexOf(key)]);
      expect((await store.get(place, 'b/c'))?.value).toEqual([i, 1]);
    }
    await store.delete(places[0]!, 'b/c');
    for (const place of places.slice(1)) expect(await store.get(place, 'b/c')).toBeDefined();
  });

  it('[STORE-02] refuses names that are none, on every method', async () => {
    const { store, at } = current();
    const bad: [Partition, string][] = [
      ...REFUSED_KEYS.map((key): [Partition, string] => [at, key]),
      ...REFUSED_TENANTS.map((tenantId): [Partition, string] => [{ ...at, tenantId }, 'a']),
      ...REFUSED_KINDS.map((kind): [Partition, string] => [{ ...at, kind }, 'a']),
    ];
    for (const [place, key] of bad) {
      await expectCode('invalid_key', store.put(place, key, 1));
      await expectCode('invalid_key', store.get(place, key));
      await expectCode('invalid_key', readMany(store, place, ['b', key]));
      await expectCode('invalid_key', store.delete(place, key));
      if (key !== '') await expectCode('invalid_key', store.list(place, { prefix: key === 'a' ? '' : key }));
    }
    expect(await allKeys(store, at)).toEqual([]);
  });

  it('[STORE-02] writes where it was told to when it was called', async () => {
    const { store, at } = current();
    const place = { ...at };
    const written = store.put(place, 'a', 1);
    place.tenantId = freshTenant();
    await written;
    expect(await store.get(place, 'a')).toBeUndefined();
    expect((await store.get(at, 'a'))?.value).toBe(1);
  });
}
