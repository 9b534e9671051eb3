import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { decodeChunked } from './aws-chunked.ts';
import { S3Failure } from './s3-failure.ts';

export interface ReceivedBody {
  /** In a file: the suites put more than a test process should hold in memory. */
  readonly file: string;
  readonly size: number;
  readonly etag: string;
}

const CHUNKED = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';

/** Receives a body in any of the three forms that S3 clients send, and checks every hash that they give with it. */
export async function receiveBody(request: IncomingMessage, folder: string): Promise<ReceivedBody> {
  const payload = String(request.headers['x-amz-content-sha256']);
  const chunked = payload === CHUNKED;
  if (!chunked && payload !== 'UNSIGNED-PAYLOAD' && !/^[0-9a-f]{64}$/.test(payload)) {
    throw new S3Failure(501, 'NotImplemented', `this server does not know ${payload}`);
  }
  const trailers = new Map<string, string>();
  const source = chunked ? decodeChunked(request, trailers) : (request as AsyncIterable<Buffer>);
  const file = join(folder, randomUUID());
  const hashes = new Hashes();
  try {
    await writeFile(source, file, hashes);
    const size = chunked ? request.headers['x-amz-decoded-content-length'] : request.headers['content-length'];
    if (String(hashes.size) !== size) throw new S3Failure(400, 'IncompleteBody');
    const digests = hashes.digests();
    if (/^[0-9a-f]{64}$/.test(payload) && digests.hex !== payload) {
      throw new S3Failure(400, 'XAmzContentSHA256Mismatch');
    }
    const named = chunked ? [...trailers] : Object.entries(request.headers as Record<string, string>);
    for (const [name, value] of named) assertChecksum(name, value, digests.checksums);
    return { file, size: hashes.size, etag: `"${digests.md5}"` };
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

async function writeFile(source: AsyncIterable<Buffer>, file: string, hashes: Hashes): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    for await (const chunk of source) {
      hashes.update(chunk);
      await handle.writeFile(chunk);
    }
  } finally {
    await handle.close();
  }
}

class Hashes {
  size = 0;
  #crc32 = 0;
  readonly #sha256 = createHash('sha256');
  readonly #sha1 = createHash('sha1');
  readonly #md5 = createHash('md5');

  update(chunk: Buffer): void {
    this.size += chunk.length;
    this.#crc32 = crc32(chunk, this.#crc32);
    for (const hash of [this.#sha256, this.#sha1, this.#md5]) hash.update(chunk);
  }

  digests(): { hex: string; md5: string; checksums: ReadonlyMap<string, string> } {
    const sha256 = this.#sha256.digest();
    const crc = Buffer.alloc(4);
    crc.writeUInt32BE(this.#crc32);
    const checksums = { crc32: crc, sha1: this.#sha1.digest(), sha256 };
    return {
      hex: sha256.toString('hex'),
      md5: this.#md5.digest('hex'),
      checksums: new Map(Object.entries(checksums).map(([name, bytes]) => [name, bytes.toString('base64')])),
    };
  }
}

function assertChecksum(header: string, value: string, checksums: ReadonlyMap<string, string>): void {
  const [, name] = /^x-amz-checksum-(crc32|crc32c|crc64nvme|sha1|sha256)$/.exec(header) ?? [];
  if (!name) return;
  const expected = checksums.get(name);
  if (expected === undefined) throw new S3Failure(501, 'NotImplemented', `this server does not compute ${name}`);
  if (expected !== value) throw new S3Failure(400, 'BadDigest');
}
