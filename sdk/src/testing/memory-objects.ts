import { createHash } from 'node:crypto';
import type { ObjectCapability, ObjectInfo } from '../contract/capabilities.ts';
import { encodedKey, MemoryStoreError } from './memory-store-error.ts';

/** Bytes in memory that behave as the host's: a put that fails stores nothing, a range lies inside the object. */
export class MemoryObjects implements ObjectCapability {
  readonly #objects = new Map<string, { info: ObjectInfo; bytes: Buffer }>();
  #version = 0;

  async put(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    { mediaType, maxBytes = Infinity }: { mediaType: string; maxBytes?: number },
  ): Promise<ObjectInfo> {
    const encoded = encodedKey(key);
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of body instanceof Uint8Array ? [body] : body) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('The body does not yield bytes.');
      size += chunk.byteLength;
      if (!(size <= maxBytes)) throw new MemoryStoreError('too_large', `The body is longer than ${maxBytes} bytes.`);
      chunks.push(Buffer.from(chunk));
    }
    const bytes = Buffer.concat(chunks);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const info: ObjectInfo = { key, size, sha256, mediaType, version: `v${++this.#version}` };
    this.#objects.set(encoded, { info, bytes });
    return info;
  }

  async stat(key: string): Promise<ObjectInfo | undefined> {
    return this.#objects.get(encodedKey(key))?.info;
  }

  async get(
    key: string,
    { range }: { range?: readonly [number, number] } = {},
  ): Promise<{ info: ObjectInfo; body: AsyncIterable<Uint8Array> } | undefined> {
    const found = this.#objects.get(encodedKey(key));
    if (!found) return undefined;
    const { info, bytes } = found;
    if (range && !(range.every(Number.isInteger) && range[0] >= 0 && range[0] <= range[1] && range[1] < info.size))
      throw new RangeError(`The range ${range.join('-')} is not inside the ${info.size} bytes.`);
    return { info, body: once(range ? bytes.subarray(range[0], range[1] + 1) : bytes) };
  }

  async delete(key: string): Promise<boolean> {
    return this.#objects.delete(encodedKey(key));
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.byteLength > 0) yield bytes;
}
