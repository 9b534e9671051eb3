import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderDigests } from './folder-digest.ts';

let dir: string;
const digests = new FolderDigests();
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'northstar-digest-'));
  await mkdir(join(dir, 'lib'));
  await writeFile(join(dir, 'impl.ts'), 'one');
  await writeFile(join(dir, 'lib/data.json'), '{}');
});
afterEach(() => rm(dir, { recursive: true, force: true }));

test.each([
  { change: 'a file gets other content of the same length', act: () => writeFile(join(dir, 'impl.ts'), 'two') },
  { change: 'a file in a folder changes', act: () => writeFile(join(dir, 'lib/data.json'), '[]') },
  { change: 'a file is added', act: () => writeFile(join(dir, 'lib/more.ts'), '') },
  { change: 'a file goes', act: () => rm(join(dir, 'lib/data.json')) },
])('[RELOAD-06] the digest changes when $change', async ({ act }) => {
  const before = await digests.of(dir);
  await act();
  expect(await digests.of(dir)).not.toBe(before);
});

test.each([
  { change: 'a file is saved unchanged', act: () => writeFile(join(dir, 'impl.ts'), 'one') },
  { change: 'a file is touched', act: () => utimes(join(dir, 'impl.ts'), new Date(), new Date()) },
  { change: 'an editor leaves its traces', act: () => writeFile(join(dir, '.impl.ts.swp'), 'x') },
  { change: 'packages are installed', act: () => mkdir(join(dir, 'node_modules/x'), { recursive: true }) },
  { change: 'a link leads in a circle', act: () => symlink(dir, join(dir, 'lib/self')) },
])('[RELOAD-06] the digest stays when $change', async ({ act }) => {
  const before = await digests.of(dir);
  await act();
  expect(await digests.of(dir)).toBe(before);
});
