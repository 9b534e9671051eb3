import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of this package. Built code lies in shared chunks, so files cannot be named relative to the code. */
export function packageRoot(): string {
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, 'package.json'))) {
    const parent = dirname(dir);
    if (parent === dir) throw new Error('The folder of @northstar/sdk has lost its package.json; install it again.');
    dir = parent;
  }
  return dir;
}
