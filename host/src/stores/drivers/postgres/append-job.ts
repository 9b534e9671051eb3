import { randomUUID } from 'node:crypto';
import type { AppendEntry, StreamRef } from '../../event-spine.ts';
import { toJsonText } from '../json-text.ts';

/** An event as it will be stored, but for its position and time. */
export interface PreparedEntry {
  readonly at: StreamRef;
  readonly eventId: string;
  readonly type: string;
  readonly json: string;
  readonly bytes: number;
  readonly expect: string | null | undefined;
  /** Null: the server's clock. */
  readonly time: string | null;
}

/** One call of append or appendAll: all of its entries or none. */
export interface AppendJob {
  readonly entries: readonly PreparedEntry[];
  readonly bytes: number;
}

/** @throws StoreError `too_large` for any of the entries, before one of them is sent. */
export function toAppendJob(entries: readonly AppendEntry[]): AppendJob {
  const [only] = entries;
  // Nearly every call: an append.
  if (only !== undefined && entries.length === 1) {
    const entry = prepare(only);
    return { entries: [entry], bytes: entry.bytes };
  }
  const prepared = entries.map(prepare);
  return { entries: prepared, bytes: prepared.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** A tenant has no `/`: two streams never share it. */
export function streamKey({ tenantId, stream }: StreamRef): string {
  return `${tenantId}/${stream}`;
}

function prepare({ at, event, expect, time }: AppendEntry): PreparedEntry {
  const json = toJsonText(event.data, `an event of stream ${at.stream}`);
  return {
    at,
    eventId: event.eventId ?? timeOrderedId(),
    type: event.type,
    json,
    bytes: Buffer.byteLength(json),
    expect,
    time: time ?? null,
  };
}

/** A version 7 UUID: ids in order of time land side by side in the index. */
function timeOrderedId(): string {
  const ms = Date.now().toString(16).padStart(12, '0');
  return `${ms.slice(0, 8)}-${ms.slice(8)}-7${randomUUID().slice(15)}`;
}
