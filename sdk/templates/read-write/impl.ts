import type { z } from 'zod';
import type { AddNoteInput, Deleted, GetNoteInput, ListNotesInput, Note, NotePage } from './models.ts';
import { addNote, deleteNote, getNote, listNotes, type NotesContext } from './service.ts';

// The models that spec.yaml names.
export * from './models.ts';

export function handleAddNote(ctx: NotesContext, args: z.infer<typeof AddNoteInput>): Promise<Note> {
  return addNote(ctx, args.text);
}

export function handleGetNote(ctx: NotesContext, args: z.infer<typeof GetNoteInput>): Promise<Note> {
  return getNote(ctx, args.note_id);
}

export function handleListNotes(
  ctx: NotesContext,
  args: z.infer<typeof ListNotesInput>,
): Promise<z.infer<typeof NotePage>> {
  return listNotes(ctx, args);
}

export async function handleDeleteNote(
  ctx: NotesContext,
  args: z.infer<typeof GetNoteInput>,
): Promise<z.infer<typeof Deleted>> {
  await deleteNote(ctx, args.note_id);
  return { note_id: args.note_id, deleted: true };
}
