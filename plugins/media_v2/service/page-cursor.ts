import { z } from 'zod';
import { cursorInvalid } from './errors.ts';

/** Where a listing goes on: in the store's page that begins at `page`, after the key `after`. */
const PageCursor = z.strictObject({ page: z.string().optional(), after: z.string().optional() });
export type PageCursor = z.infer<typeof PageCursor>;

export function encodeCursor(cursor: PageCursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

/** Reaches nothing by itself, also when forged: the store keeps every read within tenant, muscle and prefix. */
export function decodeCursor(text: string | undefined): PageCursor {
  if (text === undefined) return {};
  try {
    return PageCursor.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
  } catch {
    throw cursorInvalid();
  }
}
