import { afterEach, beforeEach, it } from 'vitest';
import { expectCode } from '../../contract/contract-kit.ts';
import { tempFolder, type TempFolder } from '../../contract/temp-folder.ts';
import { openEmbeddedStores, type EmbeddedStores } from '../../open-embedded-stores.ts';

let folder: TempFolder;
let stores: EmbeddedStores;
const at = { tenantId: 't_a', kind: 'notes', stream: 'log' };

beforeEach(async () => {
  folder = await tempFolder();
  stores = await openEmbeddedStores(folder.path);
});
afterEach(async () => {
  await stores.close();
  await folder.remove();
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
