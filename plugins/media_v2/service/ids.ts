import { randomBytes } from 'node:crypto';

/** Crockford's base 32, lower case: no letters that are mistaken for each other, and in the byte order of its values. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_LENGTH = 10;
const LAST_TIME = 32 ** TIME_LENGTH - 1;
const BODY = '[0-9a-hjkmnp-tv-z]{26}';
const ASSET_ID = new RegExp(`^ast_${BODY}$`);
const ARTIFACT_ID = new RegExp(`^art_${BODY}$`);

/**
 * 50 bits of time counted down, then 80 random ones. Counting down makes the key order of a store, the only one it
 * offers, list the newest first. Ids made within one millisecond are in random order.
 */
export function newId(prefix: 'ast' | 'art', now = Date.now()): string {
  let countdown = LAST_TIME - now;
  let time = '';
  for (let digit = 0; digit < TIME_LENGTH; digit++) {
    time = ALPHABET.charAt(countdown % 32) + time;
    countdown = Math.floor(countdown / 32);
  }
  const random = Array.from(randomBytes(16), (byte) => ALPHABET.charAt(byte % 32)).join('');
  return `${prefix}_${time}${random}`;
}

/** Asked before an id becomes part of a key: what is not an id must not name any other record. */
export const isAssetId = (text: string): boolean => ASSET_ID.test(text);
export const isArtifactId = (text: string): boolean => ARTIFACT_ID.test(text);
