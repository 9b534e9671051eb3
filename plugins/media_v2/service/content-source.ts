import type { MediaContext } from './media-context.ts';
import { decodeBase64, encodeText } from './decode-content.ts';
import { contentAmbiguous, contentMissing, multipartUnsupported, uploadTooLarge } from './errors.ts';
import { MAX_UPLOAD_BYTES } from './limits.ts';

export interface ContentArguments {
  readonly content_base64?: string | undefined;
  readonly text?: string | undefined;
  readonly media_type?: string | undefined;
}

export interface ContentSource {
  readonly body: AsyncIterable<Uint8Array>;
  /** As the sender called it. */
  readonly declared?: string;
}

/**
 * The one place that a call brings its bytes from. Checked here and not in the model, whose JSON Schema could only say
 * it with a root union, which MCP clients refuse. Empty text counts as absent: models like to fill in every argument.
 */
export function contentSource(
  { upload }: Pick<MediaContext, 'upload'>,
  args: ContentArguments,
  uploadPath: string,
): ContentSource {
  const given = [
    ...(args.text ? ['text'] : []),
    ...(args.content_base64 ? ['content_base64'] : []),
    ...(upload ? ['request body'] : []),
  ];
  if (given.length > 1) throw contentAmbiguous(given);
  const declared = args.media_type ?? upload?.mediaType;
  const hint = declared === undefined ? {} : { declared };
  if (args.text) return { body: inOnePiece(encodeText(args.text, uploadPath)), ...hint };
  if (args.content_base64) return { body: inOnePiece(decodeBase64(args.content_base64, uploadPath)), ...hint };
  if (!upload) throw contentMissing();
  if (/^\s*multipart\//i.test(upload.mediaType ?? '')) throw multipartUnsupported();
  // The sender's word; the store counts the bytes as well. This only spares a hopeless transfer.
  if (upload.size !== undefined && upload.size > MAX_UPLOAD_BYTES) throw uploadTooLarge(upload.size);
  return { body: upload.body, ...hint };
}

async function* inOnePiece(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
