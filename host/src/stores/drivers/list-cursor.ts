import { isEncodedKey } from '../key-codec.ts';
import { StoreError } from '../store-error.ts';

/** Where the next page starts: after this encoded key. Base64, so that nobody takes it for a key and builds one. */
export function toListCursor(lastKey: string): string {
  return Buffer.from(lastKey).toString('base64url');
}

/**
 * The encoded key in a cursor. It only ever positions within the partition that is being listed, so a cursor of
 * another partition reaches nothing there.
 *
 * @throws StoreError `cursor_invalid`
 */
export function fromListCursor(cursor: string, prefix: string): string {
  const key = Buffer.from(String(cursor), 'base64url').toString('latin1');
  if (isEncodedKey(key) && toListCursor(key) === cursor && key.startsWith(prefix)) return key;
  throw new StoreError(
    'cursor_invalid',
    'The list cursor is not one that this query gave out: start without a cursor.',
  );
}
