import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { referenceFiles } from './reference-files.ts';

/** Writes the pages that are made from the sources. `npm run reference`; a test fails while they differ. */
for (const [path, text] of await referenceFiles()) {
  const file = join(import.meta.dirname, '../..', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
