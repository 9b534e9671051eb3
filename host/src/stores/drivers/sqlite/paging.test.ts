import { afterEach, beforeEach, expect, it } from 'vitest';
import { allData, allRecords, expectCode } from '../../contract/contract-kit.ts';
import { tempFolder, type TempFolder } from '../../contract/temp-folder.ts';
import { openEmbeddedStores, type EmbeddedStores } from '../../open-embedded-stores.ts';

let folder: TempFolder;
let stores: EmbeddedStores;
const at = { tenantId: 't_a', kind: 'notes', stream: 'log' };
const large = 'x'.repeat(3_000_000);

beforeEach(async () => {
  folder = await tempFolder();
  stores = await openEmbeddedStores(folder.path);
});
afterEach(async () => {
  await stores.close();
  await folder.remove();
});

it('cuts a page short when its records are large, and loses none', async () => {
  for (let i = 0; i < 8; i++) await stores.tabular.put(at, `k${i}`, large);
  const page = await stores.tabular.list(at);
  expect(page.items).toHaveLength(5);
  expect(page.cursor).toBeDefined();
  expect((await allRecords(stores.tabular, at)).map(({ key }) => key)).toEqual([
    'k0',
    'k1',
    'k2',
    'k3',
    'k4',
    'k5',
    'k6',
    'k7',
  ]);
});

it('cuts a page short when its events are large, and loses none', async () => {
  for (let i = 0; i < 8; i++) await stores.spine.append(at, { type: 't', data: { i, large } });
  const page = await stores.spine.read(at);
  expect([page.events.length, page.more]).toEqual([5, true]);
  expect(await allData(stores.spine, at)).toHaveLength(8);
});

it('refuses a cursor beyond the end of its stream, as after the restore of a backup', async () => {
  const longer = await tempFolder();
  const newer = await openEmbeddedStores(longer.path);
  await newer.spine.append(at, { type: 't', data: 1 });
  const { cursor } = await newer.spine.append(at, { type: 't', data: 2 });
  await newer.close();
  await longer.remove();
  await expectCode('cursor_invalid', stores.spine.read(at, { after: cursor }));
  await stores.spine.append(at, { type: 't', data: 1 });
  await expectCode('cursor_invalid', stores.spine.read(at, { after: cursor }));
});
