import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { tempFolder } from '../../contract/temp-folder.ts';
import type { LargeObjectReport } from './large-object-process.ts';

const MIB = 1024 * 1024;

/** In a process with a small heap, so that an object held in memory would end it. */
async function putAndGet(mebibytes: number): Promise<LargeObjectReport> {
  const folder = await tempFolder();
  try {
    const script = join(import.meta.dirname, 'large-object-process.ts');
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--max-old-space-size=64', '--import', 'jiti/register', script, folder.path, String(mebibytes)],
      { cwd: import.meta.dirname },
    );
    return JSON.parse(stdout) as LargeObjectReport;
  } finally {
    await folder.remove();
  }
}

it(
  '[STORE-07] puts and gets an object of 1 GiB, whole and in ranges, with the memory that one of 16 MiB takes',
  { timeout: 180_000 },
  async () => {
    const small = await putAndGet(16);
    const large = await putAndGet(1024);
    for (const { sha256, ranges } of [small, large]) {
      expect([sha256.stored, sha256.read]).toEqual([sha256.made, sha256.made]);
      for (const { made, read } of ranges) expect(read).toBe(made);
    }
    expect(large.size).toBe(1024 * MIB);
    // Buffers on their way to the disk and back are collected late: 64 times the bytes may not even double the memory.
    expect(large.peakRss).toBeLessThan(small.peakRss + 64 * MIB);
  },
);
