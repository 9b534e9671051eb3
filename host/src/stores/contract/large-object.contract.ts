import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { LargeObjectEngine, LargeObjectReport, LargeObjectRun } from './large-object-process.ts';
import { tempFolder } from './temp-folder.ts';

const MIB = 1024 * 1024;

/**
 * Memory does not grow with an object. Measured in a process with a small heap, beside which the service runs: an
 * object that is held in memory would end it.
 *
 * @param engineIn where the process finds the engine, with the folder that it may use.
 */
export function itTakesLargeObjects(
  name: string,
  engineIn: (folder: string) => Promise<LargeObjectEngine> | LargeObjectEngine,
): void {
  it(
    `[STORE-07] puts and gets an object of 1 GiB on ${name}, whole and in ranges, with the memory that one of 16 MiB takes`,
    { timeout: 180_000 },
    async () => {
      const small = await putAndGet(engineIn, 16);
      const large = await putAndGet(engineIn, 1024);
      for (const { sha256, ranges } of [small, large]) {
        expect([sha256.stored, sha256.read]).toEqual([sha256.made, sha256.made]);
        for (const { made, read } of ranges) expect(read).toBe(made);
      }
      expect(large.size).toBe(1024 * MIB);
      // Buffers on their way in and back are collected late: 64 times the bytes may not even double the memory.
      expect(large.peakRss).toBeLessThan(small.peakRss + 64 * MIB);
    },
  );
}

async function putAndGet(
  engineIn: (folder: string) => Promise<LargeObjectEngine> | LargeObjectEngine,
  mebibytes: number,
): Promise<LargeObjectReport> {
  const folder = await tempFolder();
  try {
    const run: LargeObjectRun = { engine: await engineIn(folder.path), mebibytes };
    const script = join(import.meta.dirname, 'large-object-process.ts');
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--max-old-space-size=64', '--import', 'jiti/register', script, JSON.stringify(run)],
      { cwd: import.meta.dirname },
    );
    return JSON.parse(stdout) as LargeObjectReport;
  } finally {
    await folder.remove();
  }
}
