import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { BuildError } from './build-error.ts';

/**
 * Writes a folder beside `out` and then puts it in its place, so that whoever reads finds the old one whole or the new
 * one whole. Refuses a place that holds anything but an earlier build of ours.
 */
export async function replaceFolder(out: string, source: string, write: (dir: string) => Promise<void>): Promise<void> {
  await refuseForeign(out, source);
  const next = join(dirname(out), `.${basename(out)}-${randomUUID()}`);
  await mkdir(next, { recursive: true });
  try {
    await write(next);
    await rm(out, { recursive: true, force: true });
    await rename(next, out);
  } finally {
    await rm(next, { recursive: true, force: true });
  }
}

async function refuseForeign(out: string, source: string): Promise<void> {
  if (!relative(out, source).startsWith('..'))
    throw new BuildError(`${out} holds the sources of the muscle. Choose another --out.`);
  if (!existsSync(out)) return;
  const entries = await readdir(out).catch(() => {
    throw new BuildError(`${out} is a file. Choose another --out.`);
  });
  if (entries.length > 0 && !entries.includes('manifest.json'))
    throw new BuildError(`${out} holds ${entries.slice(0, 3).join(', ')}, which no build wrote. Choose another --out.`);
}
