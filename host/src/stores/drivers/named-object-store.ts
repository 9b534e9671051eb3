import type { EngineCaps, EngineLimits } from '../engine-caps.ts';
import type { ObjectInfo, ObjectPage, ObjectStore, PutObject } from '../object-store.ts';
import { StoreError } from '../store-error.ts';
import type { ListQuery, Partition, TabularRecord, TabularStore } from '../tabular-store.ts';
import type { Body } from './spool.ts';

/**
 * Bytes by their SHA-256, replaced by equal bytes only: writing them again heals what was damaged. Equal bytes of two
 * tenants may be one blob or two: only the name that a tenant has for them leads there.
 */
export interface Blobs {
  /** Bytes that one blob may have. */
  readonly maxBytes: number;
  /** Resolves when the bytes are kept. More than `maxBytes` is `too_large`; a body that fails leaves nothing. */
  write(tenantId: string, body: Body, maxBytes?: number): Promise<{ sha256: string; size: number }>;
  /** Undefined when the blob is not there. */
  size(tenantId: string, sha256: string): Promise<number | undefined>;
  /** Opens nothing before the first read. Without a range the hash is checked at the end: `corrupt`. */
  read(tenantId: string, sha256: string, range?: readonly [number, number]): AsyncIterable<Uint8Array>;
}

type Name = { sha256: string; size: number; mediaType: string };

/**
 * Objects as bytes addressed by content, and their names as records of a tabular store: a name appears in one commit,
 * after its bytes are kept, so that a crash leaves either the whole object or none.
 *
 * Deleting or replacing an object removes its name only. The bytes stay: another name, of any tenant, may share them,
 * and a put that has just found them there may be about to name them. They are unreachable without a name.
 */
export class NamedObjectStore implements ObjectStore {
  readonly caps: EngineCaps;
  readonly limits: EngineLimits;
  readonly #blobs: Blobs;
  readonly #names: TabularStore;

  /** `names` is the driver itself, below the key codec: the kinds it is given here are closed to everyone else. */
  constructor(blobs: Blobs, names: TabularStore, caps: EngineCaps) {
    this.#blobs = blobs;
    this.#names = names;
    this.caps = caps;
    this.limits = { maxValueBytes: blobs.maxBytes, maxKeyBytes: names.limits.maxKeyBytes };
  }

  async put(at: Partition, key: string, body: Body, { mediaType, maxBytes }: PutObject): Promise<ObjectInfo> {
    const place = named(at);
    const { sha256, size } = await this.#blobs.write(place.tenantId, body, maxBytes);
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
      throw new StoreError(
        'corrupt',
        `The bytes of object ${key} are missing or cut short: put them again, or restore a backup.`,
      );
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
