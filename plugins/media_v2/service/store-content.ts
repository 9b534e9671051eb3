import type { MediaContext } from './media-context.ts';
import { contentSource, type ContentArguments } from './content-source.ts';
import { contentMissing } from './errors.ts';
import type { Stored } from './links.ts';
import { MAX_UPLOAD_BYTES } from './limits.ts';
import { detectMediaType, HEAD_BYTES } from './media-type.ts';
import { peekStream } from './peek-stream.ts';

/** What is known of content once it is stored. */
export type ContentFacts = Pick<Stored, 'media_type' | 'declared_media_type' | 'size' | 'sha256'>;

/** Streams the bytes of a call into the object store. */
export async function storeContent(
  ctx: MediaContext,
  args: ContentArguments,
  { key, uploadPath }: { key: string; uploadPath: string },
): Promise<ContentFacts> {
  const { body, declared } = contentSource(ctx, args, uploadPath);
  const peeked = await peekStream(untilAborted(body, ctx.signal), HEAD_BYTES);
  if (peeked.head.length === 0) throw contentMissing();
  const mediaType = await detectMediaType({ ...peeked, declared });
  // Size and digest are the store's, which saw every byte; a sender may be wrong about both.
  const { size, sha256 } = await ctx.objects.put(key, peeked.body, { mediaType, maxBytes: MAX_UPLOAD_BYTES });
  return {
    media_type: mediaType,
    ...(declared !== undefined && { declared_media_type: declared.slice(0, 200) }),
    size,
    sha256,
  };
}

/** Without this, an upload whose caller was told that it failed would be stored all the same. */
async function* untilAborted(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncIterable<Uint8Array> {
  for await (const chunk of body) {
    signal.throwIfAborted();
    yield chunk;
  }
}
