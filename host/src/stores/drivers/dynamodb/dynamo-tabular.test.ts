import { afterEach, beforeEach, expect, it } from 'vitest';
import { expectCode } from '../../contract/contract-kit.ts';
import { encodeKey } from '../../key-codec.ts';
import type { TabularStore } from '../../tabular-store.ts';
import { tabularWithKeyCodec } from '../../with-key-codec.ts';
import type { DynamoStores } from './open-dynamo.ts';
import { fromSortKey, toSortKey } from './sort-key.ts';
import { startDynalite, type TestTable } from '../../../../test/engines/start-dynalite.ts';

let table: TestTable;
let stores: DynamoStores;
let tabular: TabularStore;

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
