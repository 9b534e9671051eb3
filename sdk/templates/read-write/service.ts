import { randomUUID } from 'node:crypto';
import { MuscleError, type MuscleContext } from '@northstar/sdk';
import type { Note } from './models.ts';

export type NotesContext = MuscleContext<'tabular_store'>;

/** The store holds nothing but this muscle's records of the caller's tenant. */
export async function addNote(ctx: NotesContext, text: string): Promise<Note> {
  const note = { note_id: randomUUID(), text, created_at: new Date().toISOString() };
  await ctx.tabular.put(note.note_id, note, { ifVersion: 'absent' });
  return note;
}

export async function getNote(ctx: NotesContext, noteId: string): Promise<Note> {
  const record = await ctx.tabular.get<Note>(noteId);
  if (!record) throw notFound();
  return record.value;
}

export async function listNotes(ctx: NotesContext, page: { limit: number; cursor?: string | undefined }) {
  const { items, cursor } = await ctx.tabular.list<Note>({
    limit: page.limit,
    ...(page.cursor !== undefined && { cursor: page.cursor }),
  });
  return { notes: items.map(({ value }) => value), ...(cursor !== undefined && { next_cursor: cursor }) };
}

export async function deleteNote(ctx: NotesContext, noteId: string): Promise<void> {
  if (!(await ctx.tabular.delete(noteId))) throw notFound();
}

/** The only kind of error whose text reaches the caller: it says what to do next. */
function notFound(): MuscleError {
  return new MuscleError({
    code: 'my_muscle.not_found',
    status: 404,
    message: 'No note has this note_id; list_notes answers those that exist.',
  });
}
