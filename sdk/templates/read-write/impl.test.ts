import { describeMuscle, runScope, type FakeStores } from '@northstar/sdk/testing';
import { expect, test } from 'vitest';
import type { Note } from './models.ts';

const DIR = import.meta.dirname;

// Every scope: its examples, wrong arguments, a refusal by GateChain, time-out and abort.
describeMuscle(DIR);

/** A note, and the stores in memory that hold it. */
async function storedNote(): Promise<{ note: Note; stores: FakeStores }> {
  const { structured, stores } = await runScope(DIR, 'my_muscle.add_note', { text: 'buy milk' });
  return { note: structured as Note, stores };
}

test('a note that was added can be read and listed', async () => {
  const { note, stores } = await storedNote();
  const read = await runScope(DIR, 'my_muscle.get_note', { note_id: note.note_id }, stores);
  expect(read.structured).toEqual(note);
  const listed = await runScope(DIR, 'my_muscle.list_notes', {}, stores);
  expect(listed.structured).toEqual({ notes: [note] });
});

test('a note that was deleted is gone, and the caller is told what to do', async () => {
  const { note, stores } = await storedNote();
  const args = { note_id: note.note_id };
  const deleted = await runScope(DIR, 'my_muscle.delete_note', args, stores);
  expect(deleted.structured).toEqual({ ...args, deleted: true });
  await expect(runScope(DIR, 'my_muscle.get_note', args, stores)).rejects.toThrow('list_notes');
});
