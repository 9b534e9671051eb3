import { hash } from 'node:crypto';
import type { StreamRef } from '../event-spine.ts';
import { StoreError } from '../store-error.ts';
import { perStream } from './per-stream.ts';

/** Turns positions of one stream into cursors and back. */
export interface StreamCursors {
  toCursor(seq: number): string;
  /** @throws StoreError `cursor_invalid` for garbage, and for a cursor of another stream. */
  toSeq(cursor: string): number;
}

/** Bytes of fingerprint, and of position: eight characters of base64url each. */
const SIX = 6;

/**
 * A cursor is six bytes of fingerprint of its stream and six of position. Without the fingerprint a cursor used on
 * the wrong stream would silently skip or repeat events.
 */
export const streamCursors = perStream(({ tenantId, stream }: StreamRef): StreamCursors => {
  const digest = hash('sha256', JSON.stringify([tenantId, stream]), 'hex').slice(0, 2 * SIX);
  return cursorsOf(Buffer.from(digest, 'hex').toString('base64url'));
});

function cursorsOf(fingerprint: string): StreamCursors {
  const toCursor = (seq: number): string => fingerprint + sixBytes(seq);
  return {
    toCursor,
    toSeq(cursor) {
      const bytes = Buffer.from(String(cursor), 'base64url');
      const seq = bytes.length === 2 * SIX ? bytes.readUIntBE(SIX, SIX) : 0;
      if (seq >= 1 && toCursor(seq) === cursor) return seq;
      throw new StoreError('cursor_invalid', 'The cursor does not belong to this stream: read from the start.');
    },
  };
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** Two characters of base64url for every twelve bits. */
const PAIRS = Array.from({ length: 4096 }, (_, bits) => DIGITS[bits >> 6]! + DIGITS[bits & 63]!);

/** A number below 2^48 in base64url, without a buffer: a page of a stream has a thousand of them. */
function sixBytes(seq: number): string {
  const high = Math.floor(seq / 0x1000000);
  const low = seq % 0x1000000;
  return PAIRS[high >> 12]! + PAIRS[high & 4095]! + PAIRS[low >> 12]! + PAIRS[low & 4095]!;
}

/** Beyond the end is as unknown as forgotten: a backup was restored, say. A reader that waits there misses events. */
export function cursorForgotten({ stream }: StreamRef): StoreError {
  return new StoreError(
    'cursor_invalid',
    `The cursor is at no event that stream ${stream} keeps: read from the start.`,
  );
}
