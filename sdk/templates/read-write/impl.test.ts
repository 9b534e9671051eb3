import { MuscleError, type Json } from '@northstar/sdk';
import { expect, test } from 'vitest';
import { handleAddNote, handleDeleteNote, handleGetNote, handleListNotes } from './impl.ts';
import type { NotesContext } from './service.ts';

/** A store in memory, of the shape that the host grants for `requires: [tabular_store]`. */
function contextWithStore(): NotesContext {
  const records = new Map<string, Json>();
  const tabular: NotesContext['tabular'] = {
    get: async <T extends Json>(key: string) =>
      records.has(key) ? { key, value: records.get(key) as T, version: '1' } : undefined,
    put: async (key, value) => {
      records.set(key, value);
      return { version: '1' };
    },
    delete: async (key) => records.delete(key),
    list: async <T extends Json>() => ({
      items: [...records].map(([key, value]) => ({ key, value: value as T, version: '1' })),
    }),
  };
  return { tabular } as NotesContext;
}

test('a note that was added can be read and listed', async () => {
  const ctx = contextWithStore();
  const note = await handleAddNote(ctx, { text: 'buy milk' });
  expect(await handleGetNote(ctx, { note_id: note.note_id })).toEqual(note);
  expect(await handleListNotes(ctx, { limit: 20 })).toEqual({ notes: [note] });
});

test('a note that was deleted is gone, and the caller is told what to do', async () => {
  const ctx = contextWithStore();
  const { note_id } = await handleAddNote(ctx, { text: 'buy milk' });
  expect(await handleDeleteNote(ctx, { note_id })).toEqual({ note_id, deleted: true });
  const refusal: unknown = await handleGetNote(ctx, { note_id }).catch((error: unknown) => error);
  expect(MuscleError.is(refusal) && refusal.message).toContain('list_notes');
});
