import { createHash } from 'node:crypto';
import type { ObjectCapability, ObjectInfo } from '@northstar/sdk';
import { assertKey } from './assert-key.ts';

/** Bytes in memory. A put that fails leaves nothing, as the host promises. */
export class FakeObjects implements ObjectCapability {
  readonly objects = new Map<string, { info: ObjectInfo; bytes: Buffer }>();
  failing: 'put' | undefined;
  /** Called with every chunk as it arrives. */
  onChunk: (chunk: Uint8Array) => void = () => undefined;

  async put(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    { mediaType, maxBytes = Infinity }: { mediaType: string; maxBytes?: number },
  ): Promise<ObjectInfo> {
    assertKey(key);
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of body instanceof Uint8Array ? [body] : body) {
      this.onChunk(chunk);
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size > maxBytes) throw new Error('payload.too_large');
      if (this.failing === 'put') throw new Error('disk full');
    }
    const bytes = Buffer.concat(chunks);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const info = { key, size, sha256, mediaType, version: '1' };
    this.objects.set(key, { info, bytes });
    return info;
  }

  async stat(key: string): Promise<ObjectInfo | undefined> {
    return this.objects.get(key)?.info;
  }

  async get(key: string, { range }: { range?: readonly [number, number] } = {}) {
    const found = this.objects.get(key);
    if (!found) return undefined;
    const bytes = range ? found.bytes.subarray(range[0], range[1] + 1) : found.bytes;
    async function* body(): AsyncIterable<Uint8Array> {
      yield bytes;
    }
    return { info: found.info, body: body() };
  }

  async delete(key: string): Promise<boolean> {
    return this.objects.delete(key);
  }
}
