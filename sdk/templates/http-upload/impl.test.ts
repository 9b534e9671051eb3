import { createHash } from 'node:crypto';
import { MuscleError, type Json, type ObjectInfo } from '@northstar/sdk';
import { expect, test } from 'vitest';
import { handleAddFile, handleGetContent, handleGetFile } from './impl.ts';
import type { FilesContext } from './service.ts';

async function bytesOf(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body instanceof Uint8Array ? [body] : body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* stream(...chunks: string[]): AsyncIterable<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

/** Stores in memory, of the shape that the host grants for `requires: [tabular_store, object_store]`. */
function contextWith(upload?: FilesContext['upload']): FilesContext {
  const records = new Map<string, Json>();
  const stored = new Map<string, { info: ObjectInfo; bytes: Buffer }>();
  return {
    signal: new AbortController().signal,
    ...(upload && { upload }),
    tabular: {
      get: async (key: string) => records.has(key) && { key, value: records.get(key), version: '1' },
      put: async (key: string, value: Json) => void records.set(key, value),
    },
    objects: {
      put: async (key: string, body: Uint8Array | AsyncIterable<Uint8Array>, { mediaType }: { mediaType: string }) => {
        const bytes = await bytesOf(body);
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        const info = { key, size: bytes.length, sha256, mediaType, version: '1' };
        stored.set(key, { info, bytes });
        return info;
      },
      get: async (key: string) => {
        const found = stored.get(key);
        return found && { info: found.info, body: stream(found.bytes.toString()) };
      },
    },
  } as unknown as FilesContext;
}

test('a body is stored as it streams in, and comes back byte for byte', async () => {
  const ctx = contextWith({ body: stream('one ', 'two'), mediaType: 'text/csv' });
  const file = await handleAddFile(ctx, { name: 'numbers.csv' });
  expect(file).toMatchObject({ name: 'numbers.csv', media_type: 'text/csv', size: 7 });
  expect(await handleGetFile(ctx, { file_id: file.file_id })).toEqual(file);
  const content = await handleGetContent(ctx, { file_id: file.file_id });
  expect((await bytesOf(await content.open())).toString()).toBe('one two');
});

test('an upload whose caller gave up is not stored', async () => {
  const ctx = contextWith({ body: stream('half') });
  const gone = { ...ctx, signal: AbortSignal.abort(new Error('the caller left')) };
  await expect(handleAddFile(gone, { name: 'half.txt' })).rejects.toThrow('the caller left');
});

test('a call without content is told how to send it', async () => {
  const refusal: unknown = await handleAddFile(contextWith(), { name: 'empty.txt' }).catch((error: unknown) => error);
  expect(MuscleError.is(refusal) && refusal.message).toContain('as the body of an HTTP request');
});
