import { z } from 'zod';

const noteId = z.string().min(1).max(64).describe('Id of a note, as add_note and list_notes answer it.');

export const AddNoteInput = z.object({
  text: z.string().min(1).max(2000).describe('The note, at most 2000 characters.'),
});

export const GetNoteInput = z.object({ note_id: noteId });

export const ListNotesInput = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20).describe('Notes on one page, at most 100.'),
  cursor: z.string().optional().describe('next_cursor of the page before.'),
});

export const Note = z.object({ note_id: z.string(), text: z.string(), created_at: z.iso.datetime() });
export type Note = z.infer<typeof Note>;

export const NotePage = z.object({ notes: z.array(Note), next_cursor: z.string().optional() });

export const Deleted = z.object({ note_id: z.string(), deleted: z.literal(true) });
