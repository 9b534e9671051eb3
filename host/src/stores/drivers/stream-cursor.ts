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
export function streamCursors({ tenantId, stream }: StreamRef): StreamCursors {
  const fingerprint = hash('sha256', JSON.stringify([tenantId, stream]), 'hex').slice(0, HEX_PER_HALF);
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
