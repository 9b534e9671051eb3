import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StoreError } from '../../store-error.ts';
import { onFiles } from '../file-error.ts';
import type { Blobs } from '../named-object-store.ts';
import { spool, type Body, type Spooled } from '../spool.ts';
import { syncFolder } from './sync-folder.ts';

/** Bytes by their SHA-256, whosever they are: `blobs/ab/<sha256>`, replaced by equal bytes only. `tmp/` holds bodies on their way in. */
export class BlobFolder implements Blobs {
  readonly maxBytes = Number.MAX_SAFE_INTEGER;
  readonly #blobs: string;
  readonly #tmp: string;

  private constructor(root: string) {
    this.#blobs = join(root, 'blobs');
    this.#tmp = join(root, 'tmp');
  }

  /** The caller holds the lock of the data folder: whatever is in `tmp/` was left by a process that has died. */
  static async open(root: string): Promise<BlobFolder> {
    const folder = new BlobFolder(root);
    await onFiles('open its folder', async () => {
      await rm(folder.#tmp, { recursive: true, force: true });
      await mkdir(folder.#tmp, { recursive: true });
      await mkdir(folder.#blobs, { recursive: true });
      await syncFolder(root);
    });
    return folder;
  }

  async write(_tenantId: string, body: Body, maxBytes?: number): Promise<{ sha256: string; size: number }> {
    const spooled = await spool(body, this.#tmp, maxBytes);
    try {
      await onFiles('move a file into place', () => this.#moveIn(spooled));
    } catch (error) {
      await rm(spooled.file, { force: true });
      throw error;
    }
    return { sha256: spooled.sha256, size: spooled.size };
  }

  /** Undefined when the blob is not there. */
  async size(_tenantId: string, sha256: string): Promise<number | undefined> {
    return onFiles('look at a file', async () => {
      try {
        return (await stat(this.#path(sha256))).size;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    });
  }

  /** Opens the file at the first read, so that a body nobody reads holds nothing open. */
  async *read(_tenantId: string, sha256: string, range?: readonly [number, number]): AsyncGenerator<Uint8Array> {
    const stream = createReadStream(this.#path(sha256), range && { start: range[0], end: range[1] });
    const hash = createHash('sha256');
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        if (!range) hash.update(chunk);
        yield chunk;
      }
    } catch (cause) {
      throw new StoreError('unavailable', 'The object store could not read a file.', { cause });
    } finally {
      stream.destroy();
    }
    // Only at the end, and only for the whole: the reader has the bytes, but learns that they are not what was put.
    if (!range && hash.digest('hex') !== sha256) {
      throw new StoreError(
        'corrupt',
        `The bytes of blob ${sha256} have changed on disk: put them again, or restore a backup.`,
      );
    }
  }

  async #moveIn({ file, sha256 }: Spooled): Promise<void> {
    const path = this.#path(sha256);
    const folder = dirname(path);
    await mkdir(folder, { recursive: true });
    // Also over a blob that is there: nobody knows whether its bytes are still those that were put.
    await rename(file, path);
    await syncFolder(folder);
    await syncFolder(this.#blobs);
  }

  #path(sha256: string): string {
    return join(this.#blobs, sha256.slice(0, 2), sha256);
  }
}
