import { open } from 'node:fs/promises';

/** Makes a new name in a folder durable: fsync of a file keeps its bytes, not the entry that names it. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows has no fsync of folders; its journal keeps the entries.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
