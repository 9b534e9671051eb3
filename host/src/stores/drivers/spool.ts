import { createHash, randomUUID } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '../store-error.ts';
import { onFiles } from './file-error.ts';

export type Body = Uint8Array | AsyncIterable<Uint8Array>;

/** What a body was, now that all of it is here. */
interface Counted {
  readonly sha256: string;
  readonly size: number;
}

/** A body in a temporary file, which is whose it is given to. */
export interface Spooled extends Counted {
  readonly file: string;
  readonly bytes?: undefined;
}

/** A body that can be sent, as often as it takes: in memory, or in a file. */
export type Held = Spooled | (Counted & { readonly bytes: Uint8Array; readonly file?: undefined });

/** Bytes up to which a body is held in memory: making and removing a file would take as long as sending them. */
const IN_MEMORY = 1024 * 1024;

/**
 * Writes a body to a temporary file that is on disk for good when this resolves, hashing and counting as it passes. On
 * any failure, the body's own included, the file is gone. The body's error is passed on as it is.
 */
export async function spool(body: Body, folder: string, maxBytes = Infinity): Promise<Spooled> {
  return intoFile(folder, async (file) => {
    await file.open();
    const counted = await takeIn(body, maxBytes, (chunk) => file.write(chunk));
    await file.close({ sync: true });
    return { file: file.path, ...counted };
  });
}

/** As `spool`, for a body that goes elsewhere: a small one stays in memory, and the file of a large one is not synced. */
export async function holdBody(body: Body, folder: string, maxBytes = Infinity): Promise<Held> {
  return intoFile<Held>(folder, async (file) => {
    const kept: Uint8Array[] = [];
    let size = 0;
    const counted = await takeIn(body, maxBytes, async (chunk) => {
      size += chunk.byteLength;
      // A copy: the source may reuse its buffer for the next chunk.
      if (size <= IN_MEMORY) return void kept.push(Uint8Array.from(chunk));
      for (const early of kept.splice(0)) await file.write(early);
      await file.write(chunk);
    });
    if (size <= IN_MEMORY) return { bytes: Buffer.concat(kept), ...counted };
    await file.close({ sync: false });
    return { file: file.path, ...counted };
  });
}

async function intoFile<T>(folder: string, take: (file: TemporaryFile) => Promise<T>): Promise<T> {
  const file = new TemporaryFile(folder);
  try {
    return await take(file);
  } catch (error) {
    await file.remove();
    throw error;
  }
}

/** Hands each chunk on and counts it. Each is awaited: the source may reuse its buffer for the next one. */
async function takeIn(body: Body, maxBytes: number, keep: (chunk: Uint8Array) => Promise<void>): Promise<Counted> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of body instanceof Uint8Array ? [body] : body) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError(`The body yields ${typeof chunk}, not Uint8Array.`);
    size += chunk.byteLength;
    // Written this way round, a limit that is NaN refuses everything instead of nothing.
    if (!(size <= maxBytes)) throw new StoreError('too_large', `The object is longer than ${maxBytes} bytes.`);
    hash.update(chunk);
    await keep(chunk);
  }
  return { size, sha256: hash.digest('hex') };
}

/** Made when it is opened or first written to. */
class TemporaryFile {
  readonly path: string;
  #handle: FileHandle | undefined;

  constructor(folder: string) {
    this.path = join(folder, randomUUID());
  }

  async open(): Promise<FileHandle> {
    return (this.#handle ??= await onFiles('create a file', () => open(this.path, 'wx')));
  }

  async write(chunk: Uint8Array): Promise<void> {
    const handle = await this.open();
    // writeFile, because write may stop short.
    await onFiles('write a file', () => handle.writeFile(chunk));
  }

  async close({ sync }: { sync: boolean }): Promise<void> {
    if (sync) await onFiles('sync a file', async () => this.#handle?.sync());
    await this.#handle?.close();
  }

  async remove(): Promise<void> {
    await this.#handle?.close().catch(() => {});
    if (this.#handle) await rm(this.path, { force: true });
  }
}
