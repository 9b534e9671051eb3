import { hash } from 'node:crypto';
import type { StreamRef } from '../event-spine.ts';
import type { Partition } from '../tabular-store.ts';
import { perStream } from './per-stream.ts';

/** Sorts behind every sort key that starts with the text before it. */
export const END = '\x7f';

/**
 * The place of a record in the order of its engine: tenant, kind, key. One field, so that a query by tenant, kind and
 * range of keys needs no composite index.
 *
 * Firestore cuts indexed text at 1500 bytes, and an encoded key may have 1536. So an escape `%XX` becomes the two
 * control characters U+0010 to U+001F of its digits: still before every other character of a key, in the order of the
 * digits, and a key has 1024 bytes at most.
 */
export function recordSortKey({ tenantId, kind }: Partition, encodedKey: string): string {
  const digit = (hex: string): string => String.fromCharCode(0x10 + parseInt(hex, 16));
  const short = encodedKey.replace(
    /%([0-9A-F])([0-9A-F])/g,
    (_, high: string, low: string) => digit(high) + digit(low),
  );
  return `${tenantId} ${kind} ${short}`;
}

/** What the sort keys of a stream's commits start with; the number of the last event follows. */
export const streamSortKey = perStream((at: StreamRef): string => `${at.tenantId} ${streamId(at)} `);

/** Sixteen digits, enough for every safe integer: text in the order of the numbers. */
export function padded(seq: number): string {
  return String(seq).padStart(16, '0');
}

/** Document ids are hashes: a key may contain `/`, be `..`, be too long or, in sequence, heat up one server. */
export function recordId({ kind }: Partition, encodedKey: string): string {
  return hash('sha256', `${kind} ${encodedKey}`, 'hex');
}

export const streamId = perStream(({ tenantId, stream }: StreamRef): string =>
  hash('sha256', `${tenantId} ${stream}`, 'hex'),
);

/** What finds an event id again: of fixed size, and of one stream of one tenant only. */
export function eventIdHash({ tenantId, stream }: StreamRef, encodedId: string): string {
  return hash('sha256', `${tenantId} ${stream} ${encodedId}`, 'base64url');
}
