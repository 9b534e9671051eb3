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

test('[LOAD-04] what was built is found under the id of its manifest, whatever its folder is called', async () => {
  const packaged = join(folder, 'plugins', 'muscle-media');
  await mkdir(join(folder, 'sources', 'dist'), { recursive: true });
  await mkdir(packaged, { recursive: true });
  for (const place of [packaged, join(folder, 'sources', 'dist')]) {
    await writeFile(join(place, 'spec.yaml'), 'id: media\n');
    await writeFile(join(place, 'manifest.json'), '{"manifest_version":1,"id":"media"}');
  }
  expect(await discoverMuscles([join(folder, 'plugins')], folder)).toEqual([{ id: 'media', dir: packaged }]);
  const dist = join(folder, 'sources', 'dist');
  expect(await discoverMuscles([dist], folder)).toEqual([{ id: 'media', dir: dist }]);
});
