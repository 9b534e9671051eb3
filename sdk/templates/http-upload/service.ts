import { randomUUID } from 'node:crypto';
import { binaryResult, MuscleError, type BinaryResult, type MuscleContext } from '@northstar/sdk';
import type { StoredFile } from './models.ts';

export type FilesContext = MuscleContext<'tabular_store' | 'object_store'>;

const MAX_BYTES = 100 * 1024 * 1024;

/** Content comes as the body of an HTTP request, unread and of any length, or as text in the arguments. */
export async function addFile(ctx: FilesContext, args: { name: string; text?: string | undefined }) {
  const content = contentOf(ctx, args.text);
  const file_id = randomUUID();
  // Size and digest are the store's, which saw every byte; a sender may be wrong about both.
  const { size, sha256 } = await ctx.objects.put(file_id, content.body, {
    mediaType: content.mediaType,
    maxBytes: MAX_BYTES,
  });
  const file: StoredFile = { file_id, name: args.name, media_type: content.mediaType, size, sha256 };
  // The record last: a file is found only once its bytes are there.
  await ctx.tabular.put(file_id, file, { ifVersion: 'absent' });
  return file;
}

export async function getFile(ctx: FilesContext, fileId: string): Promise<StoredFile> {
  const record = await ctx.tabular.get<StoredFile>(fileId);
  if (record) return record.value;
  throw refusal('not_found', 404, 'No file has this file_id; add_file answers it.');
}

/** The bytes as a stream, which the host sends whole, in ranges or inlined, as the transport asks for. */
export async function readContent(ctx: FilesContext, fileId: string): Promise<BinaryResult> {
  const { name, media_type, size, sha256 } = await getFile(ctx, fileId);
  return binaryResult({
    mediaType: media_type,
    size,
    sha256,
    name,
    open: async (range) => {
      const found = await ctx.objects.get(fileId, range && { range });
      if (!found) throw refusal('content_lost', 410, 'The bytes of this file are gone; store it again.');
      return found.body;
    },
  });
}

function contentOf({ upload, signal }: FilesContext, text: string | undefined) {
  if (upload && text !== undefined)
    throw refusal('ambiguous_content', 400, 'Content came twice; send a request body or text, not both.');
  if (upload)
    return { body: untilAborted(upload.body, signal), mediaType: upload.mediaType ?? 'application/octet-stream' };
  if (text !== undefined) return { body: new TextEncoder().encode(text), mediaType: 'text/plain; charset=utf-8' };
  throw refusal('no_content', 400, 'There is no content; send it as text, or as the body of an HTTP request.');
}

/** Without this, an upload whose caller was told that it failed would be stored all the same. */
async function* untilAborted(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncIterable<Uint8Array> {
  for await (const chunk of body) {
    signal.throwIfAborted();
    yield chunk;
  }
}

/** The only kind of error whose text reaches the caller: it says what to do next. */
function refusal(code: string, status: number, message: string): MuscleError {
  return new MuscleError({ code: `my_muscle.${code}`, status, message });
}
