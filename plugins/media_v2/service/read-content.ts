import { binaryResult, type BinaryResult, type ResourceContent } from '@northstar/sdk';
import { contentLost, resourceTooLarge } from './errors.ts';
import { artifactKey, assetKey } from './keys.ts';
import { MAX_INLINE_BYTES } from './limits.ts';
import { contentPath, contentUri, type Stored } from './links.ts';
import type { MediaContext } from './media-context.ts';
import { isTextual } from './media-type.ts';

/** The bytes as a stream, which the host sends whole, in ranges or inlined, as the transport asks for. */
export function contentOf(ctx: MediaContext, stored: Stored): BinaryResult {
  return binaryResult({
    mediaType: stored.media_type,
    size: stored.size,
    sha256: stored.sha256,
    name: stored.name,
    uri: contentUri(stored),
    open: (range) => openBytes(ctx, stored, range),
  });
}

/** The bytes as a resource, which clients hold in memory. */
export async function resourceOf(ctx: MediaContext, stored: Stored): Promise<ResourceContent> {
  if (stored.size > MAX_INLINE_BYTES) throw resourceTooLarge(stored.size, contentPath(stored));
  const chunks: Uint8Array[] = [];
  for await (const chunk of await openBytes(ctx, stored)) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const facts = { uri: contentUri(stored), mimeType: stored.media_type };
  const text = isTextual(stored.media_type) ? decodeUtf8(bytes) : undefined;
  return text === undefined ? { ...facts, blob: bytes.toString('base64') } : { ...facts, text };
}

async function openBytes(
  ctx: MediaContext,
  stored: Stored,
  range?: readonly [number, number],
): Promise<AsyncIterable<Uint8Array>> {
  const key = 'artifact_id' in stored ? artifactKey(stored.asset_id, stored.artifact_id) : assetKey(stored.asset_id);
  const found = await ctx.objects.get(key, range && { range });
  if (!found) throw contentLost();
  return found.body;
}

/** Only the head was looked at when the content came in: the rest may turn out not to be text. */
function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
