import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startWriter as start, type Writer } from '../spine/crash/start-writer.ts';
import { expectCode } from './contract/contract-kit.ts';
import { tempFolder, type TempFolder } from './contract/temp-folder.ts';
import { openEmbeddedStores } from './open-embedded-stores.ts';

let folder: TempFolder;
const startWriter = (run: string): Writer => {
  const writer = start(folder.path, run);
  writer.go();
  return writer;
};

beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(() => folder.remove());

it('[STORE-04] refuses a folder that another process has open, and takes it when that process is dead', async () => {
  const writer = startWriter('first');
  expect(await writer.first).toEqual({ opened: true });
  const started = performance.now();
  const { message } = await expectCode('unavailable', openEmbeddedStores(folder.path));
  expect(message).toContain(`The data folder ${folder.path} is in use by another northstar process`);
  expect(performance.now() - started).toBeLessThan(2000);
  await writer.kill();
  await (await openEmbeddedStores(folder.path)).close();
});

it('[STORE-04] lets one of several hosts in that start at once', { timeout: 60_000 }, async () => {
  for (let round = 0; round < 2; round++) {
    const writers = ['a', 'b', 'c'].map((name) => startWriter(`${round}${name}`));
    const first = await Promise.all(writers.map((writer) => writer.first));
    expect(first.filter((line) => 'opened' in line)).toHaveLength(1);
    for (const line of first) if ('refused' in line) expect(line.refused).toMatch(/^unavailable: The data folder/);
    // The second round finds the write-ahead log of a dead host.
    await Promise.all(writers.map((writer) => writer.kill()));
  }
});

it('frees the folder when the object store cannot be opened', async () => {
  const { writeFile, rm } = await import('node:fs/promises');
  await writeFile(join(folder.path, 'objects'), '');
  await expectCode('unavailable', openEmbeddedStores(folder.path));
  await rm(join(folder.path, 'objects'));
  await (await openEmbeddedStores(folder.path)).close();
});
