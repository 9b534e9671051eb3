import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import type * as Clients from '@aws-sdk/client-s3';
import { StoreError } from '../../store-error.ts';
import { ChangedBlobs } from '../changed-blobs.ts';
import type { Blobs } from '../named-object-store.ts';
import { holdBody, type Body, type Held } from '../spool.ts';
import { mayPass, statusOf, toStoreError } from './s3-error.ts';

export interface S3Place {
  readonly clients: typeof Clients;
  readonly client: Clients.S3Client;
  readonly bucket: string;
  /** Empty, or ends with a slash. */
  readonly prefix: string;
  /** A folder for bodies on their way in. */
  readonly spoolFolder: string;
}

const ATTEMPTS = 4;

/**
 * Bytes in a bucket, whosever they are, as `<prefix>sha256/ab/<sha256>`. A body goes into a file first: its hash is its
 * address, its size is known before a byte is sent, and a failed upload can be repeated.
 *
 * The hash is kept with the object too: another program that writes there leaves it out, and the next put of the bytes
 * brings them back. So it does once a read has found them changed below the service.
 */
export class S3Blobs implements Blobs {
  /** What one PUT takes. More would need an upload in parts. */
  readonly maxBytes = 5 * 1024 ** 3;
  readonly #place: S3Place;
  /** Off once the server says that it does not know conditions. */
  #conditional = true;
  readonly #changed = new ChangedBlobs();
  #closed = false;

  constructor(place: S3Place) {
    this.#place = place;
  }

  async write(_tenantId: string, body: Body, maxBytes = this.maxBytes): Promise<{ sha256: string; size: number }> {
    this.#assertOpen();
    // A limit that is NaN stays NaN, and refuses everything.
    const held = await holdBody(body, this.#place.spoolFolder, Math.min(maxBytes, this.maxBytes));
    try {
      await this.#upload(held);
    } catch (error) {
      throw toStoreError(error, 'store the bytes of an object');
    } finally {
      if (held.file !== undefined) await rm(held.file, { force: true });
    }
    return { sha256: held.sha256, size: held.size };
  }

  async size(_tenantId: string, sha256: string): Promise<number | undefined> {
    this.#assertOpen();
    try {
      return (await this.#look(sha256))?.size;
    } catch (error) {
      throw toStoreError(error, 'look for the bytes of an object');
    }
  }

  async *read(_tenantId: string, sha256: string, range?: readonly [number, number]): AsyncGenerator<Uint8Array> {
    this.#assertOpen();
    const { client, clients } = this.#place;
    const hash = createHash('sha256');
    try {
      const input = { ...this.#address(sha256), ...(range && { Range: `bytes=${range[0]}-${range[1]}` }) };
      const { Body: body } = await client.send(new clients.GetObjectCommand(input));
      for await (const chunk of body as AsyncIterable<Uint8Array>) {
        if (!range) hash.update(chunk);
        yield chunk;
      }
    } catch (error) {
      if (statusOf(error) === 404)
        throw new StoreError('corrupt', `Blob ${sha256} is gone: put its bytes again, or restore a backup.`);
      throw toStoreError(error, 'read the bytes of an object');
    }
    // Only at the end, and only for the whole: the reader has the bytes, but learns that they are not what was put.
    if (!range && hash.digest('hex') !== sha256) {
      this.#changed.add(sha256);
      throw new StoreError('corrupt', `The bytes of blob ${sha256} have changed: put them again, or restore a backup.`);
    }
  }

  /** Ends running transfers and refuses what comes later. */
  close(): void {
    this.#closed = true;
    this.#place.client.destroy();
  }

  #assertOpen(): void {
    if (this.#closed) throw new StoreError('unavailable', 'S3 could not be asked: the store is closed.');
  }

  async #upload(held: Held): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        const there = await this.#look(held.sha256);
        if (there?.size === held.size && there.sha256 === held.sha256 && !this.#changed.has(held.sha256)) return;
        await this.#put(held, { ifAbsent: there === undefined });
        return this.#changed.delete(held.sha256);
      } catch (error) {
        if ((error as Error).name === 'NotImplemented' && this.#conditional) this.#conditional = false;
        else if (attempt === ATTEMPTS || !mayPass(error)) throw error;
      }
      // A lost race among them: the next look then finds the bytes that somebody else has put.
      await setTimeout(Math.random() * 100 * 2 ** attempt);
    }
  }

  /** The hash that is signed as that of the body is the one it was taken in with: the server refuses other bytes. */
  async #put({ file, bytes, sha256, size }: Held, { ifAbsent }: { ifAbsent: boolean }): Promise<void> {
    const { client, clients } = this.#place;
    const body = bytes ?? createReadStream(file);
    const command = new clients.PutObjectCommand({
      ...this.#address(sha256),
      Body: body,
      ContentLength: size,
      Metadata: { sha256 },
      ...(ifAbsent && this.#conditional && { IfNoneMatch: '*' }),
    });
    command.middlewareStack.add(
      (next) => (args) => {
        (args.request as { headers: Record<string, string> }).headers['x-amz-content-sha256'] = sha256;
        return next(args);
      },
      { step: 'build', name: 'signContentHash' },
    );
    try {
      // No limit on the whole of an upload; the socket's own limit ends one that stands still.
      await client.send(command, { requestTimeout: 0 });
    } finally {
      if (!(body instanceof Uint8Array)) body.destroy();
    }
  }

  /** Size and kept hash of what is there. */
  async #look(sha256: string): Promise<{ size?: number; sha256?: string } | undefined> {
    const { client, clients } = this.#place;
    try {
      const { ContentLength, Metadata } = await client.send(new clients.HeadObjectCommand(this.#address(sha256)));
      return { size: ContentLength, sha256: Metadata?.sha256 };
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  #address(sha256: string): { Bucket: string; Key: string } {
    const { bucket, prefix } = this.#place;
    return { Bucket: bucket, Key: `${prefix}sha256/${sha256.slice(0, 2)}/${sha256}` };
  }
}
