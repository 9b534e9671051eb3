import type { Json } from '@northstar/sdk';
import { StoreError } from '../store-error.ts';

/** Bytes of JSON text that one record or event may have. */
export const MAX_JSON_BYTES = 4 * 1024 * 1024;

/**
 * A value as the text that is stored: text, because JSON columns reorder keys, round numbers and refuse `\u0000`.
 * Called before a write is queued, so that a caller may change its object right after the call.
 */
export function toJsonText(value: Json, what: string): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError(`The value of ${what} is ${typeof value}, which JSON cannot express.`);
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_JSON_BYTES) return text;
  throw new StoreError(
    'too_large',
    `The value of ${what} has ${bytes} bytes as JSON: at most ${MAX_JSON_BYTES} are allowed. Put large data into the object store.`,
  );
}

export function fromJsonText<T extends Json>(text: string, what: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new StoreError('corrupt', `The value of ${what} is not JSON any more. Restore it from a backup.`, { cause });
  }
}
