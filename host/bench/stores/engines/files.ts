import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, open, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openEmbeddedStores } from '../../../src/stores/open-embedded-stores.ts';
import { portSide, type ObjectSide, type Rig } from '../store-side.ts';

/** The embedded engine's objects, and `node:fs` by hand. */
export async function openFilesRig(): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'northstar-bench-files-'));
  const { objects, tabular, close } = await openEmbeddedStores(join(folder, 'port'));
  const names = {
    put: (key: string, value: { sha256: string; size: number }) => tabular.put(AT, key, value),
    get: (key: string) => tabular.get<{ sha256: string; size: number }>(AT, key),
  };
  return {
    port: portSide({ objects }),
    bare: bareObjects(join(folder, 'bare'), names),
    bareDoes:
      'the bytes hashed into a temporary file, fsync, rename to their hash, fsync of both folders, and the name in the ' +
      'same SQLite; a read looks the name and the size up and hashes as it passes',
    async close() {
      await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const AT = { tenantId: 't_bench', kind: 'bare' };

interface Names {
  put(key: string, value: { sha256: string; size: number }): Promise<unknown>;
  get(key: string): Promise<{ value: { sha256: string; size: number } } | undefined>;
}

function bareObjects(root: string, names: Names): ObjectSide {
  const path = (sha256: string): string => join(root, sha256.slice(0, 2), sha256);
  return {
    async putObject(key, body) {
      await mkdir(root, { recursive: true });
      const temporary = join(root, randomUUID());
      const handle = await open(temporary, 'wx');
      await handle.writeFile(body);
      await handle.sync();
      await handle.close();
      const sha256 = createHash('sha256').update(body).digest('hex');
      await mkdir(dirname(path(sha256)), { recursive: true });
      await rename(temporary, path(sha256));
      await syncFolder(dirname(path(sha256)));
      await syncFolder(root);
      await names.put(key, { sha256, size: body.length });
    },
    async getObject(key) {
      const { sha256, size } = (await names.get(key))!.value;
      if ((await stat(path(sha256))).size !== size) throw new Error('corrupt');
      const hash = createHash('sha256');
      let bytes = 0;
      for await (const chunk of createReadStream(path(sha256)) as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        hash.update(chunk);
      }
      if (hash.digest('hex') !== sha256) throw new Error('corrupt');
      return bytes;
    },
  };
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync();
  await handle.close();
}
