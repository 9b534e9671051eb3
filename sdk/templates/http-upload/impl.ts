import type { BinaryResult } from '@northstar/sdk';
import type { z } from 'zod';
import type { AddFileInput, GetFileInput, StoredFile } from './models.ts';
import { addFile, getFile, readContent, type FilesContext } from './service.ts';

// The models that spec.yaml names.
export * from './models.ts';

export function handleAddFile(ctx: FilesContext, args: z.infer<typeof AddFileInput>): Promise<StoredFile> {
  return addFile(ctx, args);
}

export function handleGetFile(ctx: FilesContext, args: z.infer<typeof GetFileInput>): Promise<StoredFile> {
  return getFile(ctx, args.file_id);
}

export function handleGetContent(ctx: FilesContext, args: z.infer<typeof GetFileInput>): Promise<BinaryResult> {
  return readContent(ctx, args.file_id);
}
