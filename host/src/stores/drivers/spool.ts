import { createHash, randomUUID } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '../store-error.ts';
import { onFiles } from './file-error.ts';

export interface Spooled {
  readonly file: string;
  readonly sha256: string;
  readonly size: number;
}

export type Body = Uint8Array | AsyncIterable<Uint8Array>;

export interface SpoolOptions {
  readonly maxBytes?: number | undefined;
  /** Whether the file itself is what is kept, and so must survive a power failure. */
  readonly sync?: boolean;
}

/**
 * Writes a body to a temporary file, hashing and counting as it passes. On any failure, the body's own
 * included, the file is gone. The body's error is passed on as it is.
 */
export async function spool(
  body: Body,
  folder: string,
  { maxBytes = Infinity, sync = false }: SpoolOptions,
): Promise<Spooled> {
  const file = join(folder, randomUUID());
  const handle = await onFiles('create a file', () => open(file, 'wx'));
  try {
    const written = await copy(body, handle, maxBytes);
    if (sync) await onFiles('sync a file', () => handle.sync());
    await handle.close();
    return { file, ...written };
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(file, { force: true });
    throw error;
  }
}

async function copy(body: Body, handle: FileHandle, maxBytes: number): Promise<Omit<Spooled, 'file'>> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of body instanceof Uint8Array ? [body] : body) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError(`The body yields ${typeof chunk}, not Uint8Array.`);
    size += chunk.byteLength;
    // Written this way round, a limit that is NaN refuses everything instead of nothing.
    if (!(size <= maxBytes)) throw new StoreError('too_large', `The object is longer than ${maxBytes} bytes.`);
    hash.update(chunk);
    // Awaited: the source may reuse its buffer for the next chunk. writeFile, because write may stop short.
    await onFiles('write a file', () => handle.writeFile(chunk));
  }
  return { size, sha256: hash.digest('hex') };
}
