import type { Json, JsonObject, Mode } from '@northstar/sdk';
import type { StreamRef } from '../stores/event-spine.ts';
import { sha256OfJson } from './digest.ts';

/**
 * Stream that holds a tenant's audit records of one mode; each mode may live in an engine of its own. Without a mode
 * the host's own, which is about requests of nobody's tenant. Never trimmed: the chain is proven from its first record.
 */
export function auditStream(tenantId: string, mode?: Mode): StreamRef {
  return { tenantId, stream: `audit/${mode ?? HOST_CHAIN}`, ...(mode && { mode }) };
}

/** Name of the chain that belongs to no mode. */
export const HOST_CHAIN = 'host';

/** A request that was refused before policy could be asked, and how many more of its kind were. */
export const AUDIT_REFUSAL = 'audit.refusal';
export const AUDIT_REFUSALS = 'audit.refusals';

/** Takes the place of a cut that the host found when it started: the chain had reached further than its records do. */
export const CUT_RECORD = 'audit.cut';

/** Where a chain begins in another engine: how far it had come in the one that was routed before. */
export const MOVED_RECORD = 'audit.moved';

/** A place in a tenant's chain: the record's number, from 1, and its hash. */
export interface ChainHead {
  readonly order: number;
  readonly hash: string;
}

/** Before the first record. */
export const GENESIS: ChainHead = { order: 0, hash: '0'.repeat(64) };

export interface AuditRecord {
  readonly type: string;
  /** ISO 8601 time; hashed, because when something happened is what a forger would change first. */
  readonly at: string;
  readonly data: Json;
}

/** The record's data with its link in the chain, `chain: { order, prev, hash }`, and the id that its event gets. */
export interface SealedRecord {
  readonly head: ChainHead;
  readonly eventId: string;
  readonly data: JsonObject;
}

export function sealRecord(
  tenantId: string,
  { type, at, data }: Omit<AuditRecord, 'data'> & { readonly data: JsonObject },
  before: ChainHead,
): SealedRecord {
  const chain = { order: before.order + 1, prev: before.hash };
  const hash = recordHash(tenantId, { type, at, data: { ...data, chain } });
  const head = { order: chain.order, hash };
  return { head, eventId: recordId(head), data: { ...data, chain: { ...chain, hash } } };
}

/** What is wrong with a record that should follow `before`; the place that it takes when nothing is. */
export function checkRecord(
  tenantId: string,
  record: AuditRecord & { eventId: string },
  before: ChainHead,
): { readonly head: ChainHead; readonly fault?: never } | { readonly head?: never; readonly fault: string } {
  const parts = splitHash(record.data);
  if (!parts) return { fault: 'it is not a record of the audit chain' };
  const { order, prev, hash, data } = parts;
  if (order !== before.order + 1) return { fault: `record ${order} stands in its place` };
  if (hash !== recordHash(tenantId, { ...record, data })) return { fault: 'its content is not what was hashed' };
  if (prev !== before.hash) return { fault: 'it does not follow the record before it' };
  const head = { order, hash };
  if (record.eventId !== recordId(head)) return { fault: 'its event id is not the one that it was given' };
  return { head };
}

/** The place that a stored record says it has; undefined when it is no record of a chain. */
export function headOf(data: Json): ChainHead | undefined {
  const parts = splitHash(data);
  return parts && { order: parts.order, hash: parts.hash };
}

/** Everything but the hash itself is hashed, so that no member can be added unseen. */
function splitHash(data: Json): { order: number; prev: Json; hash: string; data: JsonObject } | undefined {
  if (!isObject(data) || !isObject(data['chain'])) return undefined;
  const { hash, ...chain } = data['chain'];
  const { order, prev } = chain;
  if (typeof hash !== 'string' || typeof order !== 'number' || prev === undefined) return undefined;
  return { order, prev, hash, data: { ...data, chain } };
}

function recordHash(tenant: string, { type, at, data }: AuditRecord): string {
  return sha256OfJson({ tenant, type, at, data });
}

/** Led by the number, so that ids land side by side in an index; random ones cost half of the throughput. */
function recordId({ order, hash }: ChainHead): string {
  return `${String(order).padStart(12, '0')}-${hash.slice(0, 20)}`;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
