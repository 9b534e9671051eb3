import type { Json } from './json.ts';
import type { Capability } from './spec.ts';

/** A stored record. `version` is opaque, differs after every write and is never reused. */
export interface MuscleRecord<T extends Json = Json> {
  readonly key: string;
  readonly value: T;
  readonly version: string;
}

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Pass back to get the next page; absent on the last one. */
  readonly cursor?: string;
}

/** `'absent'` asks that no record exists; a version asks that exactly this one does. Otherwise `version.conflict`. */
export interface WriteCondition {
  readonly ifVersion?: string;
}

/** Records of this muscle in the caller's tenant. Keys: 1 to 512 bytes of UTF-8, no control characters. */
export interface TabularCapability {
  get<T extends Json = Json>(key: string): Promise<MuscleRecord<T> | undefined>;
  put(key: string, value: Json, condition?: WriteCondition): Promise<{ version: string }>;
  /** False when there was nothing to delete. */
  delete(key: string, condition?: WriteCondition): Promise<boolean>;
  /** In byte order of the key. `limit` 1 to 1000, default 100. */
  list<T extends Json = Json>(query?: {
    prefix?: string;
    limit?: number;
    cursor?: string;
  }): Promise<Page<MuscleRecord<T>>>;
}

/** What a store knows of stored bytes without reading them. */
export interface ObjectInfo {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Hex SHA-256 of the bytes. */
  readonly sha256: string;
  /** As `put` was told. */
  readonly mediaType: string;
  /** Opaque; differs after every write. */
  readonly version: string;
}

/** Bytes of this muscle in the caller's tenant, streamed in and out in constant memory. */
export interface ObjectCapability {
  /** Stores nothing when `maxBytes` is passed (`payload.too_large`) or the stream fails. */
  put(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    options: { mediaType: string; maxBytes?: number },
  ): Promise<ObjectInfo>;
  stat(key: string): Promise<ObjectInfo | undefined>;
  /** `range` is first and last byte, both included. */
  get(
    key: string,
    options?: { range?: readonly [number, number] },
  ): Promise<{ info: ObjectInfo; body: AsyncIterable<Uint8Array> } | undefined>;
  delete(key: string): Promise<boolean>;
}

/** One stored event of a stream. */
export interface SpineEvent {
  /** Opaque; pass it as `after` to read on from here. */
  readonly cursor: string;
  /** Only ever increases within its stream; some engines leave gaps. */
  readonly seq: number;
  /** As `append` was told, else made by the host. */
  readonly eventId: string;
  readonly type: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly data: Json;
}

/** Append-only streams of this muscle in the caller's tenant. */
export interface EventCapability {
  /** Durable before it resolves. The same `eventId` twice is stored once. */
  append(
    stream: string,
    event: { type: string; data: Json; eventId?: string },
  ): Promise<{ cursor: string; seq: number }>;
  read(
    stream: string,
    query?: { after?: string; limit?: number },
  ): Promise<{ events: readonly SpineEvent[]; more: boolean }>;
}

/** Which property of the context each `requires` entry adds. */
export interface CapabilityProperties {
  tabular_store: { readonly tabular: TabularCapability };
  object_store: { readonly objects: ObjectCapability };
  event_spine: { readonly events: EventCapability };
}

type UnionToIntersection<U> = (U extends unknown ? (value: U) => void : never) extends (value: infer I) => void
  ? I
  : never;

/** The context properties that a list of capabilities grants. */
export type Granted<C extends Capability> = [C] extends [never]
  ? unknown
  : UnionToIntersection<CapabilityProperties[C]>;
