import type { Json } from '@northstar/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeKey } from '../key-codec.ts';
import { readMany } from '../read-many.ts';
import type { Partition, TabularStore } from '../tabular-store.ts';
import {
  allKeys,
  allRecords,
  expectCode,
  freshTenant,
  inParallel,
  inTurn,
  PAGE_BYTES,
  winners,
  type ContractOptions,
  type Opened,
} from './contract-kit.ts';
import { expectPromises } from './expect-promises.ts';
import { escapedText } from './hostile-names.ts';
import { tabularNameRules } from './tabular-names.contract.ts';

/** What the host relies on in a tabular store. A driver's test calls it in one line. */
export function describeTabularStore(
  name: string,
  open: () => Promise<Opened<TabularStore>>,
  { scale = 'full' }: ContractOptions = {},
): void {
  const small = scale === 'small';
  describe(`tabular store: ${name}`, () => {
    let opened: Opened<TabularStore>;
    let store: TabularStore;
    let at: Partition;

    beforeAll(async () => {
      opened = await open();
      store = opened.store;
    });
    afterAll(() => opened?.close());
    beforeEach(() => {
      at = { tenantId: freshTenant(), kind: 'notes' };
    });

    /** So many at a time that no call waits for all the others. */
    const putAll = async (keys: readonly string[]): Promise<void> => {
      for (let i = 0; i < keys.length; i += 50) {
        await Promise.all(keys.slice(i, i + 50).map((key, n) => store.put(at, key, i + n, { ifVersion: 'absent' })));
      }
    };

    it('returns what was put, with its key and version', async () => {
      const { version } = await store.put(at, 'a', { x: 1 });
      expect(await store.get(at, 'a')).toEqual({ key: 'a', value: { x: 1 }, version });
    });

    it('returns undefined for a missing record', async () => {
      expect(await store.get(at, 'nothing')).toBeUndefined();
    });

    it('reads many as they are one by one, in the order that was asked for', async () => {
      const keys = ['b', 'missing', 'a', 'ä/ö', 'b'];
      for (const key of ['a', 'b', 'ä/ö']) await store.put(at, key, { is: key });
      await store.put({ ...at, kind: 'other' }, 'missing', 1);
      expect(await readMany(store, at, keys)).toEqual(await Promise.all(keys.map((key) => store.get(at, key))));
      expect(await readMany(store, at, [])).toEqual([]);
    });

    it('[STORE-03] reads every acknowledged write at once, whatever was read before', async () => {
      const both = async (): Promise<unknown[]> => {
        const [one, [many]] = await Promise.all([store.get(at, 'a'), readMany(store, at, ['a'])]);
        return [one?.value, many?.value];
      };
      expect(await both()).toEqual([undefined, undefined]);
      await store.put(at, 'a', 1);
      expect(await both()).toEqual([1, 1]);
      const { version } = await store.put(at, 'a', 2);
      expect(await both()).toEqual([2, 2]);
      await expectCode('conflict', store.put(at, 'a', 3, { ifVersion: 'absent' }));
      expect(await both()).toEqual([2, 2]);
      await store.delete(at, 'a', { ifVersion: version });
      expect(await both()).toEqual([undefined, undefined]);
    });

    it('gives every reader a value of its own', async () => {
      await store.put(at, 'a', { n: 1 });
      const first = await store.get<{ n: number }>(at, 'a');
      first!.value.n = 2;
      expect((await store.get(at, 'a'))?.value).toEqual({ n: 1 });
    });

    it('stores the value of the moment of the call', async () => {
      const value = { n: 1 };
      const written = store.put(at, 'a', value);
      value.n = 2;
      await written;
      expect((await store.get(at, 'a'))?.value).toEqual({ n: 1 });
    });

    it('[STORE-03] creates with ifVersion "absent" once', async () => {
      await store.put(at, 'a', 1, { ifVersion: 'absent' });
      await expectCode('conflict', store.put(at, 'a', 2, { ifVersion: 'absent' }));
      expect((await store.get(at, 'a'))?.value).toBe(1);
    });

    it('[STORE-03] replaces at the current version and refuses a stale one', async () => {
      const first = await store.put(at, 'a', 1);
      const second = await store.put(at, 'a', 1, { ifVersion: first.version });
      expect(second.version).not.toBe(first.version);
      await expectCode('conflict', store.put(at, 'a', 3, { ifVersion: first.version }));
      await expectCode('conflict', store.put(at, 'a', 3, { ifVersion: '' }));
      expect(await store.get(at, 'a')).toEqual({ key: 'a', value: 1, version: second.version });
    });

    it('[STORE-03] never creates by a condition on a missing record', async () => {
      const other = await store.put(at, 'other', 1);
      await expectCode('conflict', store.put(at, 'a', 1, { ifVersion: other.version }));
      await expectCode('conflict', store.delete(at, 'a', { ifVersion: other.version }));
      expect(await store.get(at, 'a')).toBeUndefined();
    });

    it('[STORE-03] never reuses a version, not even after delete and re-create', async () => {
      const first = await store.put(at, 'a', 1);
      await store.delete(at, 'a');
      const second = await store.put(at, 'a', 1, { ifVersion: 'absent' });
      expect(second.version).not.toBe(first.version);
      await expectCode('conflict', store.put(at, 'a', 2, { ifVersion: first.version }));
      await expectCode('conflict', store.delete(at, 'a', { ifVersion: first.version }));
    });

    it('deletes once, and only at the version asked for', async () => {
      const first = await store.put(at, 'a', 1);
      const second = await store.put(at, 'a', 2);
      await expectCode('conflict', store.delete(at, 'a', { ifVersion: first.version }));
      expect(await store.delete(at, 'a', { ifVersion: second.version })).toBe(true);
      expect(await store.delete(at, 'a')).toBe(false);
      expect(await store.get(at, 'a')).toBeUndefined();
    });

    it('does not let one conflict undo the writes beside it', async () => {
      await store.put(at, 'taken', 1);
      const results = await Promise.allSettled([
        store.put(at, 'before', 1),
        store.put(at, 'taken', 2, { ifVersion: 'absent' }),
        store.put(at, 'after', 1),
      ]);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(await allKeys(store, at)).toEqual(['after', 'before', 'taken']);
    });

    it('lists a prefix in byte order of the encoded keys, page by page', async () => {
      const inside = [
        '%',
        '_',
        'a b',
        'A',
        'é',
        '日本',
        '😀',
        '\uffee',
        'x/y',
        '..',
        '.',
        '#?&',
        `it's`,
        'a\\b',
        '~',
        '{',
      ];
      const numbers = Array.from({ length: 60 }, (_, i) => `${i}`);
      const keys = [...inside, ...numbers].map((key) => `p/${key}`);
      for (const key of [...keys, 'p', 'p-1', 'p0', 'q/1', 'P/1', 'p%2F']) await store.put(at, key, key);
      const expected = ['p/', ...keys].slice(1).sort((a, b) => (encodeKey(a) < encodeKey(b) ? -1 : 1));
      const records = await allRecords(store, at, { prefix: 'p/', limit: 7 });
      expect(records.map(({ key }) => key)).toEqual(expected);
      expect(records.map(({ value }) => value)).toEqual(expected);
    });

    it('takes % and _ in a prefix literally', async () => {
      for (const key of ['w%1', 'wx1', 'w_1', 'w%', 'w']) await store.put(at, key, 1);
      expect(await allKeys(store, at, { prefix: 'w%' })).toEqual(['w%', 'w%1']);
      expect(await allKeys(store, at, { prefix: 'w_' })).toEqual(['w_1']);
    });

    it('refuses a list cursor that it did not give out, and a limit outside 1 to 1000', async () => {
      await Promise.all(['a1', 'a2', 'b1'].map((key) => store.put(at, key, 1)));
      const { cursor = '' } = await store.list(at, { prefix: 'a', limit: 1 });
      for (const bad of ['', 'a1', '!', `${cursor}=`, `${cursor} `, 'AAAA', '__proto__']) {
        await expectCode('cursor_invalid', store.list(at, { cursor: bad }));
      }
      for (const limit of [0, -1, 1.5, 1001, NaN]) await expect(store.list(at, { limit })).rejects.toThrow(RangeError);
    });

    tabularNameRules(() => ({ store, at }));

    it('returns JSON as it was: order of keys, numbers, odd strings, __proto__', async () => {
      const text = `{"z":1,"a":{"zz":[],"":{}},"__proto__":{"x":1},"k.e.y":null,"big":9007199254740991,"tiny":-1.5e-7,
        "u":"é😀\\u2028\\u0000\\ud800","2":true,"1":[1,[2,[{"deep":[false]}]]]}`;
      const value = JSON.parse(text) as Json;
      await store.put(at, 'a', value);
      expect(JSON.stringify((await store.get(at, 'a'))?.value)).toBe(JSON.stringify(value));
      for (const plain of [null, false, 0, '', 'text', [], {}]) {
        await store.put(at, 'plain', plain);
        expect((await store.get(at, 'plain'))?.value).toEqual(plain);
      }
      await expect(store.put(at, 'a', undefined as unknown as Json)).rejects.toThrow(TypeError);
    });

    it('takes a value of the size that it states, two bytes of quotes included, and answers more with too_large', async () => {
      const { maxValueBytes, maxKeyBytes } = store.limits;
      expect(maxValueBytes).toBeGreaterThanOrEqual(300_000);
      expect(maxKeyBytes).toBe(512);
      await store.put(at, 'big', 'x'.repeat(maxValueBytes - 2));
      expect((await store.get(at, 'big'))?.value).toHaveLength(maxValueBytes - 2);
      for (const text of ['x'.repeat(maxValueBytes - 1), 'é'.repeat(maxValueBytes / 2)]) {
        await expectCode('too_large', store.put(at, 'huge', text));
      }
      expect(await store.get(at, 'huge')).toBeUndefined();
    });

    it('takes a value of that size also when every byte is escaped, under the longest names', async () => {
      const { maxValueBytes, maxKeyBytes } = store.limits;
      const place = { ...at, kind: 'k'.repeat(128) };
      const [key, value] = ['"'.repeat(maxKeyBytes), escapedText(maxValueBytes)];
      const { version } = await store.put(place, key, value, { ifVersion: 'absent' });
      expect((await store.get(place, key))?.value === value).toBe(true);
      await store.put(place, key, value, { ifVersion: version });
      expect((await store.list(place)).items[0]?.value === value).toBe(true);
      await expectCode('too_large', store.put(place, 'more', `${value}""`));
    });

    it('cuts a page short when its records are large, and loses none', async () => {
      const value = 'x'.repeat(store.limits.maxValueBytes - 2);
      const keys = Array.from({ length: Math.ceil(PAGE_BYTES / value.length) + 1 }, (_, i) => `k${i + 10}`);
      for (const key of keys) await store.put(at, key, value);
      const page = await store.list(at);
      expect(page.items.length).toBeLessThan(keys.length);
      expect(page.cursor).toBeDefined();
      expect(await allKeys(store, at)).toEqual(keys);
    });

    it('says what it promises, and the reference says the same', () => expectPromises(name, store.caps));

    it('[STORE-03] lets one of 16 racing creates win', async () => {
      const tries = Array.from({ length: 16 }, (_, i) => store.put(at, 'race', i, { ifVersion: 'absent' }));
      expect(winners(await Promise.allSettled(tries))).toBe(1);
    });

    it('[STORE-03] loses no increment of racing writers', async () => {
      const writers = small ? 4 : 8;
      await store.put(at, 'n', 0);
      const increment = async (): Promise<void> => {
        for (;;) {
          const record = await store.get<number>(at, 'n');
          const write = store.put(at, 'n', record!.value + 1, { ifVersion: record!.version });
          if (winners(await Promise.allSettled([write])) === 1) return;
          await new Promise((wake) => setTimeout(wake, Math.random() * 3));
        }
      };
      await inParallel(writers, () => inTurn(writers, increment));
      expect((await store.get(at, 'n'))?.value).toBe(writers * writers);
    });

    // Last: some emulators look at every record for each query, and would be slow from here on.
    it('pages past 1,000 records without loss or repetition, while others write', async () => {
      const limit = 1000;
      const keys = Array.from({ length: 1050 }, (_, i) => `k${String(i).padStart(5, '0')}`);
      await putAll(keys);
      const page = (await store.list(at)).items.length;
      expect(page).toBeGreaterThan(0);
      expect(page).toBeLessThanOrEqual(100);
      const first = await store.list(at, { limit });
      await store.delete(at, first.items.at(-1)!.key);
      await store.put(at, 'k00000x', 1);
      const seen = first.items.map(({ key }) => key);
      for (let cursor = first.cursor; cursor !== undefined;) {
        const next = await store.list(at, { limit, cursor });
        seen.push(...next.items.map(({ key }) => key));
        cursor = next.cursor;
      }
      expect(seen).toEqual(keys);
    });
  });
}
