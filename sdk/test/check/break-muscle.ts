import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Breakage } from './breakage.ts';

export const GOOD_MUSCLE = join(import.meta.dirname, '../fixtures/check/field_notes');

/** Copies the good muscle into a folder of its own and breaks one thing. Gives the folder of the muscle. */
export function breakMuscle(root: string, { file, change: [from, to] }: Pick<Breakage, 'file' | 'change'>): string {
  const dir = join(mkdtempSync(join(root, 'case-')), 'field_notes');
  cpSync(GOOD_MUSCLE, dir, { recursive: true });
  const path = join(dir, file);
  const text = readFileSync(path, 'utf8');
  if (text.split(from).length !== 2) throw new Error(`${file} of the good muscle must hold "${from}" once`);
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
  return dir;
}
