import { afterEach, beforeEach, expect, it } from 'vitest';
import { allRecords, expectCode } from '../../contract/contract-kit.ts';
import { encodeKey } from '../../key-codec.ts';
import type { TabularStore } from '../../tabular-store.ts';
import { tabularWithKeyCodec } from '../../with-key-codec.ts';
import type { DynamoStores } from './open-dynamo.ts';
import { fromSortKey, toSortKey } from './sort-key.ts';
import { startDynalite, type TestTable } from '../../../../test/engines/start-dynalite.ts';

let table: TestTable;
let stores: DynamoStores;
let tabular: TabularStore;
const at = { tenantId: 't_a', kind: 'notes' };

beforeEach(async () => {
  table = await startDynalite();
  stores = await table.open();
  tabular = tabularWithKeyCodec(stores.tabular);
});
afterEach(async () => {
  await stores.close();
  await table.stop();
});

it('keeps order, prefixes and identity of keys in sort keys of at most 1,024 bytes', () => {
  const bytes = Array.from({ length: 256 }, (_, byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`);
  const plain = [...'AZaz09._~-/:@+'];
  const keys = [...bytes, ...plain].flatMap((one) => [one, `a${one}`, `a${one}b`, `${one}%20`]);
  const sortKeys = keys.map(toSortKey);
  expect(sortKeys.map(fromSortKey)).toEqual(keys);
  expect([...sortKeys].sort().map(fromSortKey)).toEqual([...keys].sort());
  for (const key of keys) {
    const starting = keys.filter((other) => other.startsWith(key));
    expect(keys.filter((other) => toSortKey(other).startsWith(toSortKey(key)))).toEqual(starting);
  }
  expect(toSortKey(encodeKey('é'.repeat(256)))).toHaveLength(1024);
});

it('takes the largest value under the longest names, and says what to do with a larger one', async () => {
  const { maxValueBytes } = tabular.limits;
  const place = { tenantId: `t_${'a'.repeat(62)}`, kind: `k${'/'.repeat(127)}` };
  const key = '€'.repeat(170);
  await tabular.put(place, key, '€'.repeat((maxValueBytes - 2) / 3));
  expect((await tabular.get(place, key))?.value).toHaveLength((maxValueBytes - 2) / 3);
  const { message } = await expectCode('too_large', tabular.put(place, key, 'x'.repeat(maxValueBytes)));
  expect(message).toContain(`at most ${maxValueBytes} are allowed by DynamoDB. Put large data into the object store.`);
});

it('lists past what the service puts into a page, 1 MB, and past 1000 records', async () => {
  const value = 'x'.repeat(5_000);
  const keys = Array.from({ length: 1_250 }, (_, i) => `k${String(i).padStart(4, '0')}`);
  await Promise.all(keys.map((key) => tabular.put(at, key, value)));
  await tabular.put({ ...at, tenantId: 't_b' }, 'k0000', 1);
  const page = await tabular.list(at, { limit: 1000 });
  expect(page.items).toHaveLength(1000);
  expect((await allRecords(tabular, at, { limit: 1000 })).map(({ key }) => key)).toEqual(keys);
});

it('cuts a page short when its records are large, and loses none', async () => {
  const value = 'x'.repeat(400_000);
  for (let i = 0; i < 45; i++) await tabular.put(at, `k${i + 10}`, value);
  const page = await tabular.list(at);
  expect(page.items.length).toBeLessThan(45);
  expect(page.cursor).toBeDefined();
  expect(await allRecords(tabular, at)).toHaveLength(45);
});

it('[STORE-03] lets one of two hosts win, and tells the other', async () => {
  const other = await table.open();
  const { version } = await tabular.put(at, 'a', 0);
  const results = await Promise.allSettled(
    [stores, other].map((host, i) => host.tabular.put(at, 'a', i + 1, { ifVersion: version })),
  );
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'conflict' } });
  await other.close();
});
