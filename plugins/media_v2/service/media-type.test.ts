import { describe, expect, it } from 'vitest';
import { detectMediaType, HEAD_BYTES } from './media-type.ts';

const PNG = Buffer.from(
  '89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000049454e44ae426082',
  'hex',
);
const detect = (head: string | Uint8Array, declared?: string, complete = true) =>
  detectMediaType({ head: Buffer.from(head), complete, declared });

describe('the media type of content', () => {
  it('is what the bytes say, whatever the sender says', async () => {
    expect(await detect(PNG)).toBe('image/png');
    expect(await detect(PNG, 'text/html')).toBe('image/png');
    expect(await detect('%PDF-1.7\n%…', 'image/png')).toBe('application/pdf');
  });

  it.each([
    'text/html',
    'Text/HTML; charset=utf-8',
    'image/svg+xml',
    'application/xhtml+xml',
    'application/xml',
    'text/xml',
    'application/atom+xml',
    'text/xsl',
    'application/javascript',
    'text/javascript',
    'application/x-javascript',
    'text/ecmascript',
  ])('is text/plain where a browser would run it: %s', async (declared) => {
    expect(await detect('<script>alert(1)</script>', declared)).toBe('text/plain');
  });

  it('is text/plain for XML that the bytes give away', async () => {
    expect(await detect('<?xml version="1.0"?><svg onload="alert(1)"/>')).toBe('text/plain');
    expect(await detect('<?xml version="1.0"?><svg/>', 'image/svg+xml')).toBe('text/plain');
  });

  it('is not the active type that a binary file was declared as', async () => {
    expect(await detect(Buffer.from([0, 255, 1, 2]), 'text/html')).toBe('application/octet-stream');
  });

  it('is what the sender says where the bytes say nothing', async () => {
    expect(await detect('a,b\n1,2\n', 'text/csv; charset=utf-8')).toBe('text/csv');
    expect(await detect('{"a":1}', 'application/json')).toBe('application/json');
  });

  it.each(['application/octet-stream', 'application/x-www-form-urlencoded', 'nonsense', '', 'a/b/c', 'text/\u0000'])(
    'is found out from the bytes when the sender says "%s"',
    async (declared) => {
      expect(await detect('plain words', declared)).toBe('text/plain');
      expect(await detect(Buffer.from([0, 1, 2]), declared)).toBe('application/octet-stream');
    },
  );

  it('is not a binary format for text that happens to begin like one', async () => {
    for (const text of ['BMW 320i, red', 'MZ is a file header', 'GIF89a/*<script>*/']) {
      expect(await detect(text)).toBe('text/plain');
    }
  });

  it('is no text with a NUL or with bytes that are not UTF-8', async () => {
    expect(await detect('a\u0000b')).toBe('application/octet-stream');
    expect(await detect(Buffer.from([0x61, 0xe4, 0x62]))).toBe('application/octet-stream');
  });

  it('is text when the head ends inside a character, but not when the file does', async () => {
    const cut = Buffer.from('x'.repeat(HEAD_BYTES - 1) + 'ä').subarray(0, HEAD_BYTES);
    expect(await detect(cut, undefined, false)).toBe('text/plain');
    expect(await detect(cut, undefined, true)).toBe('application/octet-stream');
  });
});
