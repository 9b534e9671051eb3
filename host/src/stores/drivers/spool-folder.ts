import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { onFiles } from './file-error.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The folder `name` in `parent`, for bodies on their way to a service; hosts may share it. Removes what a process that
 * died has left there a day ago: younger files may be in use, by this host or another. An upload that goes on for
 * longer than a day may lose its file, and then fails.
 *
 * @throws StoreError `unavailable` when the folder cannot be made or read.
 */
export async function openSpoolFolder(parent: string, name: string): Promise<string> {
  const folder = join(parent, name);
  await onFiles('open its spool folder', async () => {
    await mkdir(folder, { recursive: true });
    for (const left of await readdir(folder)) {
      const file = join(folder, left);
      const info = await stat(file).catch(() => undefined);
      if (info?.isFile() && info.mtimeMs < Date.now() - DAY_MS) await rm(file, { force: true });
    }
  });
  return folder;
}
