import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { blocksOf, type Block } from './markdown.ts';

const GUIDE = 'docs/guides/write-a-muscle.md';

/** Puts the muscle of the guide into a folder in place of what is there, and these test files beside it. */
export async function writeShownMuscle(folder: string, tests: readonly Block[]): Promise<void> {
  const shown = (flag: string): string => blocksOf(GUIDE).find(({ flags }) => flags.includes(flag))?.text ?? '';
  await writeFile(join(folder, 'spec.yaml'), shown('spec'));
  await writeFile(join(folder, 'impl.ts'), shown('impl'));
  await rm(join(folder, 'impl.test.ts'));
  await Promise.all(tests.map(({ text }, index) => writeFile(join(folder, `shown-${index}.test.ts`), text)));
}
