/**
 * A sort key holds 1,024 bytes and an encoded key up to 1,536, because it writes a byte as `%XX`. Here such a byte
 * takes two characters: the first is one of `!` to `(`, which no encoded key contains. 512 bytes then always fit, and
 * order and prefixes stay what they are: `!` to `(` sort before every other character of a key, as `%` did.
 */
const FIRST = 0x21;
const SECOND = 0x30;

export function toSortKey(encoded: string): string {
  return encoded.replace(/%(..)/g, (_, hex: string) => {
    const byte = parseInt(hex, 16);
    return String.fromCharCode(FIRST + (byte >> 5), SECOND + (byte & 31));
  });
}

export function fromSortKey(sortKey: string): string {
  return sortKey.replace(/[!-(]./g, (pair) => {
    const byte = ((pair.charCodeAt(0) - FIRST) << 5) | (pair.charCodeAt(1) - SECOND);
    return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  });
}
