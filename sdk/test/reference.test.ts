import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { referenceFiles } from '../scripts/reference-files.ts';

const ROOT = join(import.meta.dirname, '../..');

test(
  '[CHECK-03] [SDK-06] the pages made from the sources are what is committed (npm run reference writes them)',
  { timeout: 120_000 },
  async () => {
    const files = await referenceFiles();
    for (const [path, text] of files) expect(readFileSync(join(ROOT, path), 'utf8'), path).toBe(text);
    const committed = readdirSync(join(ROOT, 'docs/reference/rules')).map((name) => `docs/reference/rules/${name}`);
    expect(committed.filter((path) => !files.has(path))).toEqual([]);
  },
);
