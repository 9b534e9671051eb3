import type { EngineCaps, EngineLimits } from './engine-caps.ts';
import type { ListQuery, Partition } from './tabular-store.ts';

export interface ObjectInfo {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Hex SHA-256. */
  readonly sha256: string;
  readonly mediaType: string;
  readonly version: string;
}

export interface PutObject {
  readonly mediaType: string;
  /** Refuses a longer body with `too_large`, storing nothing. */
  readonly maxBytes?: number;
}

/** May hold fewer items than the limit. Only a page without a cursor is the last one. */
export interface ObjectPage {
  readonly items: readonly ObjectInfo[];
  readonly cursor?: string;
}

/** Bytes as streams, in constant memory. A put that fails midway leaves nothing behind. */
export interface ObjectStore {
  readonly caps: EngineCaps;
  readonly limits: EngineLimits;
  put(
    at: Partition,
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    options: PutObject,
  ): Promise<ObjectInfo>;
  stat(at: Partition, key: string): Promise<ObjectInfo | undefined>;
  /**
   * `range` is first and last byte, both included; one that is not inside the object is a RangeError. Reading to the
   * end checks the hash: the body then throws `corrupt` when the bytes are not those that were put.
   */
  get(
    at: Partition,
    key: string,
    options?: { range?: readonly [number, number] },
  ): Promise<{ info: ObjectInfo; body: AsyncIterable<Uint8Array> } | undefined>;
  delete(at: Partition, key: string): Promise<boolean>;
  /** In byte order of the encoded key, as `TabularStore.list`. */
  list(at: Partition, query?: ListQuery): Promise<ObjectPage>;
}
