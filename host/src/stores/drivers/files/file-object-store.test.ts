import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alwaysHere, describeEngine } from '../../../../test/engines/describe-engine.ts';
import { expectCode } from '../../contract/contract-kit.ts';
import { describeObjectStore } from '../../contract/object-store.contract.ts';
import { tempFolder, type TempFolder } from '../../contract/temp-folder.ts';
import { openEmbeddedStores, type EmbeddedStores } from '../../open-embedded-stores.ts';

await describeEngine('filesystem objects', alwaysHere, () => {
  describeObjectStore('files', async () => {
    const folder = await tempFolder();
    const stores = await openEmbeddedStores(folder.path);
    const close = async (): Promise<void> => {
      await stores.close();
      await folder.remove();
    };
    return { store: stores.objects, close };
  });
});

describe('object files', () => {
  let folder: TempFolder;
  let stores: EmbeddedStores;
  const at = { tenantId: 't_a', kind: 'media' };
  const put = (key: string, text: string) =>
    stores.objects.put(at, key, Buffer.from(text), { mediaType: 'text/plain', maxBytes: 100 });
  const files = async (sub: string) =>
    (await readdir(join(folder.path, 'objects', sub), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);
  const drain = async (key: string): Promise<number> => {
    let bytes = 0;
    for await (const chunk of (await stores.objects.get(at, key))!.body) bytes += chunk.length;
    return bytes;
  };

  beforeEach(async () => {
    folder = await tempFolder();
    stores = await openEmbeddedStores(folder.path);
  });
  afterEach(async () => {
    await stores.close();
    await folder.remove();
  });

  it('keeps equal bytes once, named by their hash, and no temporary file', async () => {
    const { sha256 } = await put('a', 'same');
    await put('b', 'same');
    expect(await files('blobs')).toEqual([sha256]);
    expect(await readFile(join(folder.path, 'objects', 'blobs', sha256.slice(0, 2), sha256), 'utf8')).toBe('same');
    expect(await files('tmp')).toEqual([]);
  });

  it('leaves no file of a body that was refused or failed', async () => {
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half');
      throw new Error('cut off');
    };
    await expectCode('too_large', put('a', 'x'.repeat(101)));
    await expect(stores.objects.put(at, 'a', failing(), { mediaType: 'text/plain' })).rejects.toThrow('cut off');
    expect([...(await files('tmp')), ...(await files('blobs'))]).toEqual([]);
  });

  it('[STORE-01] removes what a dead process left in tmp, and finds its objects again', async () => {
    await put('a', 'kept');
    await stores.close();
    await writeFile(join(folder.path, 'objects', 'tmp', 'stale'), 'half');
    stores = await openEmbeddedStores(folder.path);
    expect(await files('tmp')).toEqual([]);
    expect(await drain('a')).toBe(4);
  });

  it('reports bytes that are missing, cut short or changed, and heals them by a new put', async () => {
    const { sha256 } = await put('a', 'precious');
    const blob = join(folder.path, 'objects', 'blobs', sha256.slice(0, 2), sha256);
    await writeFile(blob, 'previous');
    await expectCode('corrupt', drain('a'));
    await put('b', 'precious');
    expect([await drain('a'), await drain('b')]).toEqual([8, 8]);
    await truncate(blob, 3);
    await expectCode('corrupt', stores.objects.get(at, 'a'));
    await rm(blob);
    await expectCode('corrupt', stores.objects.get(at, 'a'));
    await put('b', 'precious');
    expect(await drain('a')).toBe(8);
  });

  it('[STORE-02] keeps the names of objects out of reach of records', async () => {
    await put('a', 'x');
    expect((await stores.tabular.list(at)).items).toEqual([]);
    await expectCode('invalid_key', stores.tabular.get({ ...at, kind: 'media~objects' }, 'a'));
  });

  it('explains a failure of the disk without naming paths', async () => {
    await rm(join(folder.path, 'objects', 'tmp'), { recursive: true });
    const { message } = await expectCode('unavailable', put('a', 'x'));
    expect(message).toBe('The object store could not create a file: ENOENT');
  });

  it('lets go of a body that is not read to its end', async () => {
    await put('a', 'x'.repeat(100));
    for (let i = 0; i < 50; i++) for await (const _ of (await stores.objects.get(at, 'a'))!.body) break;
    await stores.objects.get(at, 'a');
    const open = process.platform === 'linux' ? await openFiles() : [];
    expect(open.filter((path) => path.includes(join(folder.path, 'objects')))).toEqual([]);
  });
});

async function openFiles(): Promise<string[]> {
  const { readlink } = await import('node:fs/promises');
  const links = await readdir('/proc/self/fd');
  return Promise.all(links.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
}
