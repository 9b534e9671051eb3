/**
 * What the stores of the kit throw, with the codes of the host's own: `conflict`, `cursor_invalid`, `invalid_key`,
 * `too_large`.
 */
export class MemoryStoreError extends Error {
  readonly code: 'conflict' | 'cursor_invalid' | 'invalid_key' | 'too_large';

  constructor(code: MemoryStoreError['code'], message: string) {
    super(message);
    this.name = 'StoreError';
    this.code = code;
  }
}

/** The host's rule for keys and its order of them: percent-encoded UTF-8, compared byte by byte. */
export function encodedKey(key: string): string {
  const bytes = typeof key === 'string' && key.isWellFormed() ? Buffer.byteLength(key) : 0;
  if (bytes < 1 || bytes > 512 || /\p{Cc}/u.test(key))
    throw new MemoryStoreError('invalid_key', `A key has 1 to 512 bytes of UTF-8 without control characters.`);
  return encodeURIComponent(key)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%(?:2F|3A|40|2B)/g, decodeURIComponent);
}

/** Anything but 1 to 1000 is a bug of the caller, in the host as well. */
export function pageLimit(limit = 100): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1000) return limit;
  throw new RangeError(`limit is ${limit}: a whole number from 1 to 1000 is expected.`);
}
