import { rm } from 'node:fs/promises';
import type { EngineCaps, EngineLimits } from '../../engine-caps.ts';
import type { ObjectInfo, ObjectPage, ObjectStore, PutObject } from '../../object-store.ts';
import { StoreError } from '../../store-error.ts';
import type { ListQuery, Partition, TabularRecord, TabularStore } from '../../tabular-store.ts';
import { spool, type Body } from '../spool.ts';
import type { AzureBlobs } from './azure-blobs.ts';

type Name = { sha256: string; size: number; mediaType: string };

/** 50,000 blocks of 4000 MiB. The spool folder must have room for the object too. */
const MAX_BYTES = 50_000 * 4000 * 1024 * 1024;

/**
 * Objects as blobs, addressed by tenant and content, and their names as records of a tabular store: a name appears in
 * one commit, after its bytes are in Azure, so that a crash leaves either the whole object or none.
 *
 * Deleting or replacing an object removes its name only. The bytes stay: another name may share them, and a put that
 * has just found them there may be about to name them. They are unreachable without a name.
 */
export class AzureObjectStore implements ObjectStore {
  /** Those of the names: the bytes are in three places at least before they get one. */
  readonly caps: EngineCaps;
  readonly limits: EngineLimits;
  readonly #blobs: AzureBlobs;
  readonly #names: TabularStore;
  readonly #spoolDir: string;

  constructor(blobs: AzureBlobs, names: TabularStore, spoolDir: string) {
    this.#blobs = blobs;
    this.#names = names;
    this.#spoolDir = spoolDir;
    this.caps = { ...names.caps, verified: 'emulator' };
    this.limits = { maxValueBytes: MAX_BYTES, maxKeyBytes: names.limits.maxKeyBytes };
  }

  async put(
    at: Partition,
    key: string,
    body: Body,
    { mediaType, maxBytes = MAX_BYTES }: PutObject,
  ): Promise<ObjectInfo> {
    const place = named(at);
    const spooled = await spool(body, this.#spoolDir, { maxBytes });
    const { sha256, size } = spooled;
    try {
      await this.#blobs.write(place.tenantId, spooled);
    } finally {
      await rm(spooled.file, { force: true });
    }
    const { version } = await this.#names.put(place, key, { sha256, size, mediaType });
    return { key, sha256, size, mediaType, version };
  }

  async stat(at: Partition, key: string): Promise<ObjectInfo | undefined> {
    const record = await this.#names.get<Name>(named(at), key);
    return record && toInfo(record);
  }

  async get(
    at: Partition,
    key: string,
    options: { range?: readonly [number, number] } = {},
  ): Promise<{ info: ObjectInfo; body: AsyncIterable<Uint8Array> } | undefined> {
    const { tenantId } = at;
    const info = await this.stat(at, key);
    if (!info) return undefined;
    assertRange(options.range, info);
    // Before a byte is sent: afterwards the reader could only be cut off.
    if ((await this.#blobs.size(tenantId, info.sha256)) !== info.size) {
      const message = `The bytes of object ${key} are missing or cut short: restore them from a backup.`;
      throw new StoreError('corrupt', message);
    }
    return { info, body: this.#blobs.read(tenantId, info.sha256, options.range) };
  }

  async delete(at: Partition, key: string): Promise<boolean> {
    return this.#names.delete(named(at), key);
  }

  async list(at: Partition, query?: ListQuery): Promise<ObjectPage> {
    const page = await this.#names.list<Name>(named(at), query);
    return { ...page, items: page.items.map(toInfo) };
  }
}

/** The codec refuses `~` in a kind, so that no record written from outside can pose as the name of an object. */
function named({ tenantId, kind }: Partition): Partition {
  return { tenantId, kind: `${kind}~objects` };
}

function toInfo({ key, value, version }: TabularRecord<Name>): ObjectInfo {
  return { key, size: value.size, sha256: value.sha256, mediaType: value.mediaType, version };
}

function assertRange(range: readonly [number, number] | undefined, { key, size }: ObjectInfo): void {
  if (!range) return;
  const [first, last] = range;
  if (Number.isInteger(first) && Number.isInteger(last) && 0 <= first && first <= last && last < size) return;
  throw new RangeError(`Bytes ${first} to ${last} are not in object ${key}, which has ${size} bytes.`);
}
