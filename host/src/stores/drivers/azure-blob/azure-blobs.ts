import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { StoreError } from '../../store-error.ts';
import { ChangedBlobs } from '../changed-blobs.ts';
import type { Blobs } from '../named-object-store.ts';
import { holdBody, type Body, type Held } from '../spool.ts';
import { onAzure, statusOf } from './azure-calls.ts';

const MIB = 1024 * 1024;

/** Size and kept hash of a blob. */
interface Found {
  readonly size?: number;
  readonly sha256?: string;
}

export interface AzurePlace {
  readonly container: ContainerClient;
  /** Before the name of every blob. */
  readonly prefix: string;
  /** A folder for bodies on their way in, with room for the largest. */
  readonly spoolFolder: string;
  /** Milliseconds after which a call is given up; a second per mebibyte is added for an upload. */
  readonly timeoutMs: number;
}

/**
 * Bytes by tenant and SHA-256: `<prefix><tenant>/ab/<sha256>`, replaced by equal bytes only.
 *
 * The hash is kept with the blob too: another program that writes there leaves it out, and the next put of the bytes
 * brings them back. So it does once a read has found them changed below the service.
 */
export class AzureBlobs implements Blobs {
  /** 50,000 blocks of 4000 MiB. */
  readonly maxBytes = 50_000 * 4000 * MIB;
  readonly #container: ContainerClient;
  readonly #prefix: string;
  readonly #spoolFolder: string;
  readonly #timeoutMs: number;
  readonly #changed = new ChangedBlobs();
  #closed = false;

  constructor({ container, prefix, spoolFolder, timeoutMs }: AzurePlace) {
    this.#container = container;
    this.#prefix = prefix;
    this.#spoolFolder = spoolFolder;
    this.#timeoutMs = timeoutMs;
  }

  async write(tenantId: string, body: Body, maxBytes = this.maxBytes): Promise<{ sha256: string; size: number }> {
    this.#assertOpen();
    // A limit that is NaN stays NaN, and refuses everything.
    const held = await holdBody(body, this.#spoolFolder, Math.min(maxBytes, this.maxBytes));
    try {
      await this.#upload(tenantId, held);
    } finally {
      if (held.file !== undefined) await rm(held.file, { force: true });
    }
    return { sha256: held.sha256, size: held.size };
  }

  /** Undefined when the blob is not there. */
  async size(tenantId: string, sha256: string): Promise<number | undefined> {
    this.#assertOpen();
    return (await this.#look(tenantId, sha256))?.size;
  }

  /** Asks for the bytes at the first read, so that a body nobody reads holds no connection. */
  async *read(tenantId: string, sha256: string, range?: readonly [number, number]): AsyncGenerator<Uint8Array> {
    this.#assertOpen();
    const [first = 0, last] = range ?? [];
    const count = last === undefined ? undefined : last - first + 1;
    const hash = createHash('sha256');
    const leave = new AbortController();
    try {
      const answer = await onAzure('read a blob', this.#timeoutMs, () =>
        this.#blob(tenantId, sha256).download(first, count, { maxRetryRequests: 3, abortSignal: leave.signal }),
      );
      const chunks = (answer.readableStreamBody as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
      for (;;) {
        const next = await onAzure('read a blob', this.#timeoutMs, () => chunks.next());
        if (next.done) break;
        if (!range) hash.update(next.value);
        yield next.value;
      }
    } finally {
      leave.abort();
    }
    // Only at the end, and only for the whole: the reader has the bytes, but learns that they are not what was put.
    if (!range && hash.digest('hex') !== sha256) {
      this.#changed.add(this.#name(tenantId, sha256));
      throw new StoreError('corrupt', `The bytes of blob ${sha256} have changed: put them again, or restore a backup.`);
    }
  }

  /** Refuses what comes later. */
  close(): void {
    this.#closed = true;
  }

  #assertOpen(): void {
    if (this.#closed)
      throw new StoreError('unavailable', 'Azure Blob Storage could not be asked: the store is closed.');
  }

  /** A blob that is there already is not sent again, unless it is known to hold other bytes. */
  async #upload(tenantId: string, { file, bytes, sha256, size }: Held): Promise<void> {
    const name = this.#name(tenantId, sha256);
    const isWhole = (found: Found | undefined): boolean => found?.size === size && found.sha256 === sha256;
    const there = await this.#look(tenantId, sha256);
    if (isWhole(there) && !this.#changed.has(name)) return;
    const options = {
      blobHTTPHeaders: { blobContentType: 'application/octet-stream' },
      metadata: { sha256 },
      // Larger ones go in blocks, each of them repeated by itself when it fails.
      maxSingleShotSize: 16 * MIB,
      concurrency: 2,
      ...(there === undefined && { conditions: { ifNoneMatch: '*' } }),
    };
    try {
      await onAzure('write a blob', this.#uploadMs(size), (abortSignal) => {
        const blob = this.#blob(tenantId, sha256);
        const sending = { ...options, abortSignal };
        return bytes ? blob.uploadData(bytes, sending) : blob.uploadFile(file, sending);
      });
      this.#changed.delete(name);
    } catch (error) {
      // Another put of the same bytes was quicker: 409, 412, or 400 for blocks that its commit has swept away.
      const status = statusOf((error as StoreError).cause ?? {});
      const raced = status === 400 || status === 409 || status === 412;
      if (!raced || !isWhole(await this.#look(tenantId, sha256))) throw error;
    }
  }

  /** The time of a call, and a second for each mebibyte. */
  #uploadMs(size: number): number {
    return Math.min(this.#timeoutMs + Math.ceil(size / MIB) * 1000, 2 ** 31 - 1);
  }

  #look(tenantId: string, sha256: string): Promise<Found | undefined> {
    return onAzure('look at a blob', this.#timeoutMs, async (abortSignal) => {
      try {
        const { contentLength, metadata } = await this.#blob(tenantId, sha256).getProperties({ abortSignal });
        return { size: contentLength, sha256: metadata?.sha256 };
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        throw error;
      }
    });
  }

  #blob(tenantId: string, sha256: string): BlockBlobClient {
    return this.#container.getBlockBlobClient(this.#name(tenantId, sha256));
  }

  #name(tenantId: string, sha256: string): string {
    return `${this.#prefix}${tenantId}/${sha256.slice(0, 2)}/${sha256}`;
  }
}
