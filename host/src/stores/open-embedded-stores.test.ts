import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { allEvents, allRecords, expectCode } from './contract/contract-kit.ts';
import type { Acknowledged } from './contract/crash-writer.ts';
import { tempFolder, type TempFolder } from './contract/temp-folder.ts';
import { openEmbeddedStores } from './open-embedded-stores.ts';

let folder: TempFolder;
const at = { tenantId: 't_crash', kind: 'notes' };

beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(() => folder.remove());

it('[STORE-01] loses nothing that was acknowledged when the process is killed', { timeout: 120_000 }, async () => {
  const acknowledged: Acknowledged[] = [];
  for (let run = 0; run < 8; run++) {
    const writer = startWriter(`run${run}`);
    await writer.first;
    await new Promise((wake) => setTimeout(wake, 20 + Math.random() * 250));
    acknowledged.push(...(await writer.kill()));
    await expectAllThere(acknowledged);
  }
  expect(acknowledged.length).toBeGreaterThan(100);
  for (const kind of ['record', 'event', 'counter', 'object']) {
    expect(
      acknowledged.some((line) => kind in line),
      kind,
    ).toBe(true);
  }
});

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

function startWriter(run: string): { first: Promise<Acknowledged>; kill(): Promise<Acknowledged[]> } {
  const script = join(import.meta.dirname, 'contract', 'crash-writer.ts');
  const child = spawn(process.execPath, ['--import', 'jiti/register', script, folder.path, run], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: Acknowledged[] = [];
  const output = createInterface({ input: child.stdout });
  const ended = once(output, 'close');
  const first = new Promise<Acknowledged>((resolve, reject) => {
    output.on('line', (line) => {
      // The last line may be cut off by the kill: it is then no acknowledgement that anybody has seen.
      if (line.endsWith('}')) lines.push(JSON.parse(line) as Acknowledged);
      if (lines[0]) resolve(lines[0]);
    });
    output.on('close', () => reject(new Error('the writer ended without a word')));
  });
  return {
    first,
    async kill() {
      child.kill('SIGKILL');
      await ended;
      return lines;
    },
  };
}

async function expectAllThere(acknowledged: readonly Acknowledged[]): Promise<void> {
  const stores = await openEmbeddedStores(folder.path);
  try {
    const versions = new Map((await allRecords(stores.tabular, at, { limit: 1000 })).map((r) => [r.key, r]));
    const events = await allEvents(stores.spine, { tenantId: 't_crash', stream: 'log' }, 1000);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
    for (const line of acknowledged) {
      if ('record' in line) expect(versions.get(line.record)?.version).toBe(line.version);
      if ('event' in line) expect(events[line.seq - 1]?.eventId).toBe(line.event);
      if ('counter' in line) expect(versions.get('counter')?.value).toBeGreaterThanOrEqual(line.counter);
      if ('object' in line) {
        const found = await stores.objects.get(at, line.object);
        expect(found?.info.sha256).toBe(line.sha256);
        // Reading to the end checks the hash.
        for await (const _ of found!.body);
      }
    }
    expect(await readdir(join(folder.path, 'objects', 'tmp'))).toEqual([]);
  } finally {
    await stores.close();
  }
}
