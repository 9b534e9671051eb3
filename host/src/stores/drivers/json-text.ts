import type { Json } from '@northstar/sdk';
import { StoreError } from '../store-error.ts';

/** Bytes of JSON text that one record or event may have. */
export const MAX_JSON_BYTES = 4 * 1024 * 1024;

/** For an engine that takes less: its limit, and what sets it. */
export interface JsonLimit {
  readonly maxBytes: number;
  readonly setBy: string;
}

/** A UTF-16 unit has at most three bytes in UTF-8: shorter text need not be measured. */
const MAX_BYTES_PER_CHAR = 3;

/**
 * A value as the text that is stored: text, because JSON columns reorder keys, round numbers and refuse `\u0000`.
 * Called before a write is queued, so that a caller may change its object right after the call.
 *
 * @throws StoreError `too_large` above the limit; TypeError for what JSON cannot express.
 */
export function toJsonText(value: Json, what: string, limit?: JsonLimit): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError(`The value of ${what} is ${typeof value}, which JSON cannot express.`);
  const maxBytes = Math.min(MAX_JSON_BYTES, limit?.maxBytes ?? MAX_JSON_BYTES);
  if (text.length * MAX_BYTES_PER_CHAR <= maxBytes) return text;
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxBytes) return text;
  const allowed = limit && maxBytes < MAX_JSON_BYTES ? `allowed by ${limit.setBy}` : 'allowed';
  throw new StoreError(
    'too_large',
    `The value of ${what} has ${bytes} bytes as JSON: at most ${maxBytes} are ${allowed}. Put large data into the object store.`,
  );
}

export function fromJsonText<T extends Json>(text: string, what: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new StoreError('corrupt', `The value of ${what} is not JSON any more. Restore it from a backup.`, { cause });
  }
}
