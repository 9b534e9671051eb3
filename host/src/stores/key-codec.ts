import type { StreamRef } from './event-spine.ts';
import { StoreError } from './store-error.ts';
import type { Partition } from './tabular-store.ts';

/** Bytes of UTF-8 in a key, event id or stream name, on every engine. */
export const MAX_KEY_BYTES = 512;
const TENANT = /^t_[a-z0-9_-]{1,62}$/;
/** No `~`: a store may derive kinds of its own with it, and nothing from outside can then name them. */
const KIND = /^[A-Za-z0-9][A-Za-z0-9_.:@/-]{0,127}$/;
/** What is its own encoding. */
const PLAIN = /^[A-Za-z0-9._~/:@+-]*$/;
const PLAIN_WITH_STARS = /^[A-Za-z0-9._~/:@+*-]*$/;
/** What `encodeKey` gives out, in ASCII order: every character lies between `%` and `~`. */
const ENCODED = /^(?:[A-Za-z0-9._~/:@+-]|%[0-9A-F]{2})+$/;

/**
 * Checks a key and writes it in ASCII: what is not `A-Z a-z 0-9 . _ ~ - / : @ +` becomes percent-encoded UTF-8.
 *
 * Engines disagree on the order of text (UTF-8 bytes, UTF-16 units, collations), on case, on `/` and on what may be
 * in an id; on this alphabet they agree. The order of a listing is therefore the byte order of the encoded key. Keys
 * are compared as they are: composed and decomposed `é` are two keys.
 *
 * @throws StoreError `invalid_key`: empty, over 512 bytes of UTF-8, a control character, or half a surrogate pair.
 */
export function encodeKey(key: string, what = 'key'): string {
  if (key === '') throw new StoreError('invalid_key', `The ${what} is empty: it needs 1 to ${MAX_KEY_BYTES} bytes.`);
  return encodePrefix(key, what);
}

/** As `encodeKey`, and the empty prefix is every key. A key starts with a prefix exactly when their encodings do. */
export function encodePrefix(prefix: string, what = 'prefix'): string {
  // Nearly every key is as plain as this, and every call of every store passes here.
  // Policy records say `*` where they are about everything.
  if (isPlain(prefix)) return prefix.includes('*') ? prefix.replaceAll('*', '%2A') : prefix;
  assertText(prefix, what);
  return encodeURIComponent(prefix)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%(?:2F|3A|40|2B)/g, decodeURIComponent);
}

/** The key that `encodeKey` was given. */
export function decodeKey(encoded: string): string {
  // Nearly every key, and every event id of a page, is its own encoding.
  if (encoded !== '' && PLAIN.test(encoded)) return encoded;
  if (!isEncodedKey(encoded)) throw new StoreError('corrupt', `A driver returned "${encoded}", which is not a key.`);
  return decodeURIComponent(encoded);
}

export function isEncodedKey(text: string): boolean {
  return ENCODED.test(text);
}

/**
 * The checked partition, copied: drivers write later than they are called, and a caller that changes its object in
 * between must not move the write to another tenant.
 */
export function encodePartition(at: Partition): Partition {
  assertTenant(at.tenantId);
  if (typeof at.kind !== 'string' || !KIND.test(at.kind)) {
    throw new StoreError(
      'invalid_key',
      `The kind ${quoted(at.kind)} is not usable: 1 to 128 letters, digits and _ . : @ / -, a letter or digit first.`,
    );
  }
  return { tenantId: at.tenantId, kind: at.kind };
}

/** The checked stream, copied, its name encoded like a key. */
export function encodeStream(at: StreamRef): StreamRef {
  assertTenant(at.tenantId);
  return { tenantId: at.tenantId, stream: encodeKey(at.stream, 'stream name') };
}

/** Text that every engine stores unchanged: half a surrogate pair, for one, would come back as U+FFFD. */
export function assertText(text: string, what: string): void {
  if (isPlain(text)) return;
  if (typeof text !== 'string') {
    throw new StoreError('invalid_key', `The ${what} is not a string but ${text === null ? 'null' : typeof text}.`);
  }
  if (/\p{Cc}/u.test(text)) {
    throw new StoreError('invalid_key', `The ${what} ${quoted(text)} contains a control character.`);
  }
  if (/\p{Cs}/u.test(text)) {
    throw new StoreError('invalid_key', `The ${what} ${quoted(text)} is not well-formed: half a surrogate pair.`);
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_KEY_BYTES) {
    throw new StoreError(
      'invalid_key',
      `The ${what} has ${bytes} bytes of UTF-8: at most ${MAX_KEY_BYTES} are allowed.`,
    );
  }
}

function isPlain(text: unknown): boolean {
  return typeof text === 'string' && text.length <= MAX_KEY_BYTES && PLAIN_WITH_STARS.test(text);
}

function assertTenant(tenantId: string): void {
  // Identity has checked it already; a second lock, because everything about isolation hangs on this one string. The
  // type is checked too: a one-element array passes the pattern.
  if (typeof tenantId === 'string' && TENANT.test(tenantId)) return;
  throw new StoreError(
    'invalid_key',
    `The tenant ${quoted(tenantId)} is not usable: t_ and then 1 to 62 of a-z, 0-9, _ and -.`,
  );
}

/** In ASCII, so that a name in a message cannot steer the terminal that shows it or look like another name. */
function quoted(value: unknown): string {
  const escape = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const text = JSON.stringify(String(value)).replace(/[^\x20-\x7e]/g, escape);
  return text.length > 80 ? `${text.slice(0, 76)}..."` : text;
}
