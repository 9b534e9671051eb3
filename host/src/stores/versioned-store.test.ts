import { afterEach, beforeEach, expect, it } from 'vitest';
import { allData, allEvents, expectCode, freshTenant, winners } from './contract/contract-kit.ts';
import { tempFolder, type TempFolder } from './contract/temp-folder.ts';
import { openEmbeddedStores, type EmbeddedStores } from './open-embedded-stores.ts';
import { StoreError } from './store-error.ts';
import type { Partition } from './tabular-store.ts';
import { versionsStream } from './version-key.ts';
import { VersionedStore } from './versioned-store.ts';

let folder: TempFolder;
let stores: EmbeddedStores;
let drafts: VersionedStore;
let at: Partition;

beforeEach(async () => {
  folder = await tempFolder();
  stores = await openEmbeddedStores(folder.path);
  drafts = new VersionedStore(stores);
  at = { tenantId: freshTenant(), kind: 'workbench_drafts' };
});
afterEach(async () => {
  await stores.close();
  await folder.remove();
});

const versions = async (id: string, query?: { before?: number; limit?: number }) =>
  (await drafts.history(at, id, query)).map(({ version }) => version);
const told = async (id: string) =>
  (await allData(stores.spine, { tenantId: at.tenantId, stream: versionsStream(at, id) })).map(
    (data) => (data as { version: number }).version,
  );

it('[STORE-05] saves version n + 1, keeps every old one, and tells who wrote it when', async () => {
  expect(await drafts.save(at, 'a/b', { text: 'one' }, { author: 'ann' })).toEqual({ version: 1, announced: true });
  await drafts.save(at, 'a/b', { text: 'two' }, { author: 'bob' });
  await drafts.save(at, 'a/b', 'three');
  expect(await drafts.get(at, 'a/b')).toMatchObject({ version: 3, value: 'three' });
  expect(await drafts.get(at, 'a/b', 1)).toMatchObject({ version: 1, value: { text: 'one' }, author: 'ann' });
  for (const version of [0, 4, -1, 1.5, NaN]) expect(await drafts.get(at, 'a/b', version)).toBeUndefined();
  const history = await drafts.history(at, 'a/b');
  expect(history.map(({ version, author }) => [version, author])).toEqual([
    [3, undefined],
    [2, 'bob'],
    [1, 'ann'],
  ]);
  for (const info of history) expect(info).not.toHaveProperty('value');
  expect(await drafts.get(at, 'a')).toBeUndefined();
  expect(await drafts.history(at, 'a')).toEqual([]);
});

it('[STORE-05] restores an old version by a new save', async () => {
  for (const value of ['one', 'two', 'three']) await drafts.save(at, 'a', value);
  expect(await drafts.restore(at, 'a', 1, { author: 'ann' })).toMatchObject({ version: 4 });
  expect(await drafts.get(at, 'a')).toMatchObject({ version: 4, value: 'one', author: 'ann', restoredFrom: 1 });
  expect(await drafts.get(at, 'a', 3)).toMatchObject({ value: 'three' });
  await expectCode('conflict', drafts.restore(at, 'a', 9));
  await expectCode('conflict', drafts.restore(at, 'a', 2, { expect: 3 }));
});

it('[STORE-05] saves at the version it expects, and nowhere else', async () => {
  await drafts.save(at, 'a', 1, { expect: 0 });
  await expectCode('conflict', drafts.save(at, 'a', 2, { expect: 0 }));
  await expectCode('conflict', drafts.save(at, 'a', 2, { expect: 2 }));
  const racing = Array.from({ length: 8 }, (_, i) => new VersionedStore(stores).save(at, 'a', i, { expect: 1 }));
  expect(winners(await Promise.allSettled(racing))).toBe(1);
  expect(await versions('a')).toEqual([2, 1]);
});

it('[STORE-05] pages through a history', async () => {
  await Promise.all(Array.from({ length: 60 }, (_, i) => drafts.save(at, 'a', i)));
  expect(await versions('a', { limit: 2 })).toEqual([60, 59]);
  expect(await versions('a', { before: 59, limit: 3 })).toEqual([58, 57, 56]);
  expect(await versions('a', { before: 3 })).toEqual([2, 1]);
  expect(await versions('a', { before: 1 })).toEqual([]);
  expect(await versions('a')).toHaveLength(60);
  await expect(drafts.history(at, 'a', { limit: 0 })).rejects.toThrow(RangeError);
});

it('[STORE-02] keeps ids, kinds and tenants apart, whatever they look like', async () => {
  const ids = ['a', 'a@', 'a@9999999999998', 'a%40', '%', 'a/b', 'a@b', '../x', '日本'];
  const places = [at, { ...at, kind: 'workbench_drafts/a' }, { ...at, tenantId: freshTenant() }];
  const cells = places.flatMap((place) => ids.map((id) => ({ place, id })));
  await Promise.all(cells.map(({ place, id }, i) => drafts.save(place, id, i)));
  for (const [i, { place, id }] of cells.entries()) {
    expect(await drafts.get(place, id)).toMatchObject({ version: 1, value: i });
    const events = await allEvents(stores.spine, { tenantId: place.tenantId, stream: versionsStream(place, id) });
    expect(events.map(({ data }) => data)).toMatchObject([{ id, kind: place.kind, version: 1 }]);
  }
  for (const id of ['', '\0', 'x'.repeat(500)]) await expectCode('invalid_key', drafts.save(at, id, 1));
});

it('[STORE-05] writes the events that a crash left owed before the next one', async () => {
  const down = { ...stores.spine, appendAll: () => Promise.reject(new StoreError('unavailable', 'down')) };
  const crashing = new VersionedStore({ ...stores, spine: down });
  await drafts.save(at, 'a', 1);
  for (const value of [2, 3]) expect(await crashing.save(at, 'a', value)).toEqual({ version: value, announced: false });
  expect(await told('a')).toEqual([1]);
  await drafts.save(at, 'a', 4, { author: 'ann' });
  expect(await told('a')).toEqual([1, 2, 3, 4]);
  await crashing.save(at, 'a', 5);
  await Promise.all([drafts.announce(at, 'a'), new VersionedStore(stores).announce(at, 'a')]);
  expect(await told('a')).toEqual([1, 2, 3, 4, 5]);
  const head = await stores.spine.head({ tenantId: at.tenantId, stream: versionsStream(at, 'a') });
  expect(head).toMatchObject({ type: 'artifact.saved', data: { id: 'a', kind: at.kind, version: 5 } });
});

it('[STORE-05] keeps the order of time when the clock goes backwards', async () => {
  let now = Date.parse('2030-01-01T00:00:00Z');
  const clocked = new VersionedStore({ ...stores, now: () => now });
  await clocked.save(at, 'a', 1);
  now -= 86_400_000;
  await clocked.save(at, 'a', 2);
  const times = (await drafts.history(at, 'a')).map((info) => info.at);
  expect(times).toEqual(['2030-01-01T00:00:00.000Z', '2030-01-01T00:00:00.000Z']);
});

it('stores the value of the moment of the call', async () => {
  const value = { n: 1 };
  const saving = drafts.save(at, 'a', value);
  value.n = 2;
  await saving;
  expect((await drafts.get(at, 'a'))?.value).toEqual({ n: 1 });
});
