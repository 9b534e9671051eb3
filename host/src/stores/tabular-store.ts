import type { Json, Mode } from '@northstar/sdk';
import type { EngineCaps, EngineLimits } from './engine-caps.ts';

/** Where records live: one table per tenant and resource kind. Set by the host, never by a caller. */
export interface Partition {
  readonly tenantId: string;
  /** A resource kind, `firearms_policy_store`; a muscle's own data is `muscle:<id>`. Letters, digits and `_ . : @ / -`. */
  readonly kind: string;
  /** For routing: absent for the host's own records, which belong to no mode. */
  readonly mode?: Mode;
  /** For routing. Not part of the key: records of one tenant are told apart by their keys. */
  readonly projectId?: string;
}

export interface TabularRecord<T extends Json = Json> {
  readonly key: string;
  readonly value: T;
  /** Opaque; differs after every write, and is never reused, not even after delete and re-create. */
  readonly version: string;
}

/** May hold fewer items than the limit, when they are large. Only a page without a cursor is the last one. */
export interface TabularPage<T extends Json = Json> {
  readonly items: readonly TabularRecord<T>[];
  readonly cursor?: string;
}

/** `ifVersion: 'absent'` asks that no record exists. On a missing record any other version is a conflict. */
export interface Condition {
  readonly ifVersion?: string;
}

export interface ListQuery {
  readonly prefix?: string;
  /** 1 to 1000; default 100. */
  readonly limit?: number;
  readonly cursor?: string;
}

/** Records with compare-and-set. Reads see every write that was acknowledged before them. */
export interface TabularStore {
  readonly caps: EngineCaps;
  readonly limits: EngineLimits;
  get<T extends Json = Json>(at: Partition, key: string): Promise<TabularRecord<T> | undefined>;
  /**
   * As `get`, for several keys of one partition in the order of the keys. Where an engine has none, `readMany` asks
   * for one after the other. No snapshot: a write meanwhile may show in some of them. Values may be shared and frozen.
   */
  getMany?(at: Partition, keys: readonly string[]): Promise<readonly (TabularRecord | undefined)[]>;
  put(at: Partition, key: string, value: Json, condition?: Condition): Promise<{ version: string }>;
  /** False when there was nothing to delete. */
  delete(at: Partition, key: string, condition?: Condition): Promise<boolean>;
  /**
   * In byte order of the encoded key (see `encodeKey`): that of the key itself for `A-Z a-z 0-9 . _ ~ - / : @ +`; any
   * other character sorts before these. The same on every engine.
   */
  list<T extends Json = Json>(at: Partition, query?: ListQuery): Promise<TabularPage<T>>;
}
