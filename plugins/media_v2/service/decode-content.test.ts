import { describe, expect, it } from 'vitest';
import { decodeBase64, encodeText } from './decode-content.ts';
import { MAX_INLINE_BYTES } from './limits.ts';

const decode = (text: string) => decodeBase64(text, '/up');
const invalid = expect.objectContaining({ code: 'media_v2.content_invalid', status: 400 });
const tooLarge = expect.objectContaining({
  code: 'media_v2.content_too_large',
  status: 413,
  message: expect.stringContaining('POST the raw bytes to /up'),
});

describe('base64 content', () => {
  it('is decoded byte for byte', () => {
    const bytes = Buffer.from([0, 255, 62, 63, 1]);
    expect(decode(bytes.toString('base64'))).toEqual(bytes);
  });

  it.each([
    ['characters outside the alphabet', 'aGVsbG8h!!!!'],
    ['missing padding', 'aGVsbG8'],
    ['padding in the middle', 'aG=sbG8='],
    ['the url-safe alphabet', '-_-_'],
    ['line breaks', 'aGVs\nbG8h'],
    ['bits that no byte has', 'aGVsbG9='],
    ['a NUL', 'aGVs\u0000G8h'],
    ['one letter', 'a'],
  ])('is refused with %s', (_what, text) => {
    expect(() => decode(text)).toThrow(invalid);
  });

  it('is refused as a data: URL, with the advice to cut its head off', () => {
    expect(() => decode('data:image/png;base64,iVBORw0KGgo=')).toThrow(/only what stands after "base64,"/);
  });

  it('may have 1 MiB and not a byte more', () => {
    const bytes = Buffer.alloc(MAX_INLINE_BYTES + 1, 7);
    expect(decode(bytes.subarray(1).toString('base64'))).toHaveLength(MAX_INLINE_BYTES);
    expect(() => decode(bytes.toString('base64'))).toThrow(tooLarge);
    expect(() => decode('A'.repeat(3_000_000))).toThrow(tooLarge);
  });
});

describe('text content', () => {
  it('is measured in bytes, not in letters', () => {
    expect(encodeText('ä'.repeat(MAX_INLINE_BYTES / 2), '/up')).toHaveLength(MAX_INLINE_BYTES);
    expect(() => encodeText('ä'.repeat(MAX_INLINE_BYTES / 2) + 'x', '/up')).toThrow(tooLarge);
  });

  it('is refused with half a surrogate pair, which would not come back as it was', () => {
    expect(() => encodeText('a\ud800b', '/up')).toThrow(invalid);
  });
});
