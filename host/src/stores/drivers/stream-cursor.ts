import { hash } from 'node:crypto';
import type { StreamRef } from '../event-spine.ts';
import { StoreError } from '../store-error.ts';

const HEX_PER_HALF = 12;

/** Turns positions of one stream into cursors and back. */
export interface StreamCursors {
  toCursor(seq: number): string;
  /** @throws StoreError `cursor_invalid` for garbage, and for a cursor of another stream. */
  toSeq(cursor: string): number;
}

/**
 * A cursor is six bytes of fingerprint of its stream and six of position. Without the fingerprint a cursor used on
 * the wrong stream would silently skip or repeat events.
 */
export function streamCursors(at: StreamRef): StreamCursors {
  const fingerprint = fingerprintOf(at);
  const toCursor = (seq: number): string =>
    Buffer.from(fingerprint + seq.toString(16).padStart(HEX_PER_HALF, '0'), 'hex').toString('base64url');
  return {
    toCursor,
    toSeq(cursor) {
      const seq = parseInt(Buffer.from(String(cursor), 'base64url').toString('hex').slice(HEX_PER_HALF), 16);
      if (seq >= 1 && toCursor(seq) === cursor) return seq;
      throw new StoreError('cursor_invalid', 'The cursor does not belong to this stream: read from the start.');
    },
  };
}

/** Streams whose fingerprint is kept: hashing the name again for every append was a tenth of its cost. */
const MAX_KEPT = 1000;
const kept = new Map<string, string>();

function fingerprintOf({ tenantId, stream }: StreamRef): string {
  const name = JSON.stringify([tenantId, stream]);
  const known = kept.get(name);
  if (known !== undefined) return known;
  const fingerprint = hash('sha256', name, 'hex').slice(0, HEX_PER_HALF);
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(name, fingerprint);
  return fingerprint;
}
