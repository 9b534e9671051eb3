import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { discoverMuscles } from './discover.ts';

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'northstar-discover-')));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('[LOAD-04] a plugin folder that holds a spec.yaml is one muscle, and what lies in it is not', async () => {
  const dir = join(folder, 'alone');
  await mkdir(join(dir, 'dist'), { recursive: true });
  for (const place of [dir, join(dir, 'dist')]) await writeFile(join(place, 'spec.yaml'), 'id: alone\n');
  expect(await discoverMuscles([dir], folder)).toEqual([{ id: 'alone', dir }]);
});
