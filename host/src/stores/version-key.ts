import { assertText } from './key-codec.ts';
import { StoreError } from './store-error.ts';
import type { Partition } from './tabular-store.ts';

const DIGITS = 13;
const LAST = 10 ** DIGITS - 1;
const MAX_ID_BYTES = 256;

/** `<id>@<LAST - version>`. `@` and `%` in the id are escaped: no id is then a prefix of another one's versions. */
export function versionKey(id: string, version: number): string {
  return `${versionPrefix(id)}${String(LAST - version).padStart(DIGITS, '0')}`;
}

/** @throws StoreError `invalid_key`: as keys, and over 256 bytes, which leaves room for the rest of key and stream. */
export function versionPrefix(id: string): string {
  assertText(id, 'id');
  if (id === '' || Buffer.byteLength(id) > MAX_ID_BYTES) {
    throw new StoreError('invalid_key', `The id of a versioned record needs 1 to ${MAX_ID_BYTES} bytes of UTF-8.`);
  }
  return `${id.replace(/[%@]/g, encodeURIComponent)}@`;
}

/** The stream of a record's `artifact.saved` events. No kind has a `~`, so no two records share a stream. */
export function versionsStream({ kind }: Pick<Partition, 'kind'>, id: string): string {
  return `versions/${kind}~${id}`;
}
