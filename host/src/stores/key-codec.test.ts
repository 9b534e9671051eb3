import { expect, it } from 'vitest';
import { HOSTILE_KEYS, REFUSED_KEYS, REFUSED_TENANTS } from './contract/hostile-names.ts';
import { decodeKey, encodeKey, encodePartition, encodePrefix, encodeStream } from './key-codec.ts';
import { StoreError } from './store-error.ts';

it('writes plain keys as they are and the rest as percent-encoded UTF-8', () => {
  const plain = 'AZaz09._~-/:@+';
  expect(encodeKey(plain)).toBe(plain);
  expect(encodeKey("a b%é😀!'()*")).toBe('a%20b%25%C3%A9%F0%9F%98%80%21%27%28%29%2A');
  expect(encodeKey('%2F%3A')).toBe('%252F%253A');
});

it('[STORE-02] gives every key an encoding of its own, in ASCII, and decodes it', () => {
  const encoded = HOSTILE_KEYS.map((key) => encodeKey(key));
  expect(new Set(encoded).size).toBe(HOSTILE_KEYS.length);
  for (const text of encoded) expect(text).toMatch(/^[A-Za-z0-9._~\-/:@+%]+$/);
  expect(encoded.map(decodeKey)).toEqual(HOSTILE_KEYS);
});

it('keeps prefixes prefixes', () => {
  expect(encodePrefix('')).toBe('');
  for (const prefix of HOSTILE_KEYS) {
    for (const key of HOSTILE_KEYS) {
      expect(encodeKey(key).startsWith(encodePrefix(prefix))).toBe(key.startsWith(prefix));
    }
  }
});

it('[STORE-02] refuses what is not a key or tenant, saying why in one line', () => {
  const messages = [
    ...REFUSED_KEYS.map((key) => refusal(() => encodeKey(key))),
    ...REFUSED_TENANTS.map((tenantId) => refusal(() => encodePartition({ tenantId, kind: 'notes' }))),
    ...REFUSED_TENANTS.map((tenantId) => refusal(() => encodeStream({ tenantId, stream: 'a' }))),
  ];
  for (const message of messages) expect(message).toMatch(/^[\x20-\x7e]{10,200}$/);
  expect(refusal(() => encodeKey(7 as unknown as string))).toBe('The key is not a string but number.');
  expect(refusal(() => encodeKey('x'.repeat(600)))).toBe('The key has 600 bytes of UTF-8: at most 512 are allowed.');
});

it('recognises text of a driver that is not an encoded key', () => {
  for (const text of ['', 'a b', 'é', '%', '%zz', '%2f']) {
    expect(() => decodeKey(text)).toThrow(expect.objectContaining({ code: 'corrupt' }));
  }
});

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ code: 'invalid_key' });
    return (error as StoreError).message;
  }
  return expect.fail('was not refused');
}
