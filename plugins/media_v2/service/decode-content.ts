import { argumentTooLarge, contentInvalid } from './errors.ts';
import { MAX_INLINE_BYTES } from './limits.ts';

const MAX_BASE64_LENGTH = Math.ceil(MAX_INLINE_BYTES / 3) * 4;

export function decodeBase64(base64: string, uploadPath: string): Uint8Array {
  if (/^\s*data:/i.test(base64)) {
    throw contentInvalid('content_base64 is a data: URL. Send only what stands after "base64,".');
  }
  if (base64.length > MAX_BASE64_LENGTH) throw argumentTooLarge('content_base64', uploadPath);
  const bytes = Buffer.from(base64, 'base64');
  // Node skips what is not base64 and would store something else than was meant; only the way back shows it.
  if (bytes.toString('base64') !== base64) {
    throw contentInvalid(
      'content_base64 is not standard base64: A-Z, a-z, 0-9, "+" and "/", padded with "=" to a multiple of four, ' +
        'without line breaks or spaces. Encode it again, or send plain text as text.',
    );
  }
  if (bytes.length > MAX_INLINE_BYTES) throw argumentTooLarge('content_base64', uploadPath);
  return bytes;
}

export function encodeText(text: string, uploadPath: string): Uint8Array {
  const bytes = Buffer.from(text);
  if (bytes.length > MAX_INLINE_BYTES) throw argumentTooLarge('text', uploadPath);
  // Half a surrogate pair has no UTF-8 and would be stored as a question mark.
  if (bytes.toString() !== text) throw contentInvalid('text holds half a surrogate pair. Send the bytes as base64.');
  return bytes;
}
