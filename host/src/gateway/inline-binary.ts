import type { BinaryResult, ResourceContent } from '@northstar/sdk';
import { NorthstarError } from '../errors/northstar-error.ts';

/** Reads bytes into one resource block, text where they are text. Over the limit they must be fetched another way. */
export async function inlineBinary(binary: BinaryResult, uri: string, limit: number): Promise<ResourceContent> {
  if (binary.size > limit) throw tooLarge(binary.size, limit);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of await binary.open()) {
    size += chunk.length;
    // The stated size is the muscle's word; the bytes are what counts.
    if (size > limit) throw tooLarge(size, limit);
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  const text = isText(binary.mediaType) ? decodeUtf8(bytes) : undefined;
  if (text !== undefined) return { uri, mimeType: binary.mediaType, text };
  return { uri, mimeType: binary.mediaType, blob: bytes.toString('base64') };
}

function tooLarge(size: number, limit: number): NorthstarError {
  return new NorthstarError(
    'payload.too_large',
    `The content has ${size} bytes; at most ${limit} fit an MCP answer. Fetch it over the scope's http binding, which streams.`,
    { details: { size, limit } },
  );
}

function isText(mediaType: string): boolean {
  return /^text\/|^application\/(json|xml|.*\+json|.*\+xml)/.test(mediaType);
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Declared as text but not UTF-8: base64 keeps it whole.
    return undefined;
  }
}
