import { z } from 'zod';

export const AddFileInput = z.object({
  name: z.string().min(1).max(200).describe('File name, such as report.pdf.'),
  text: z.string().min(1).max(100_000).optional().describe('The content of a small text file.'),
});

export const GetFileInput = z.object({
  file_id: z.string().min(1).max(64).describe('Id of a file, as add_file answered it.'),
});

export const StoredFile = z.object({
  file_id: z.string(),
  name: z.string(),
  media_type: z.string().describe('As the sender called it; the bytes were not looked at.'),
  size: z.number().int().describe('Bytes.'),
  sha256: z.string(),
});
export type StoredFile = z.infer<typeof StoredFile>;
