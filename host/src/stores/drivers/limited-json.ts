import type { Json } from '@northstar/sdk';
import { StoreError } from '../store-error.ts';
import { toJsonText } from './json-text.ts';

/**
 * A value as the text that is stored, for an engine that takes less than the embedded one.
 *
 * @throws StoreError `too_large` above `maxBytes` of UTF-8; TypeError for what JSON cannot express.
 */
export function toLimitedJson(value: Json, what: string, maxBytes: number): string {
  const text = toJsonText(value, what);
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxBytes) return text;
  throw new StoreError(
    'too_large',
    `The value of ${what} has ${bytes} bytes as JSON: this engine takes ${maxBytes}. Put large data into the object store.`,
  );
}
