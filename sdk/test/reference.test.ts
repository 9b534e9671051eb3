import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportedApi } from '../scripts/exported-api.ts';
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

test('[SDK-07] whatever the SDK exports says in a sentence what it is', { timeout: 120_000 }, () => {
  const names = [...exportedApi()].flatMap(([entry, exported]) => exported.map((each) => ({ entry, ...each })));
  expect(names.length).toBeGreaterThan(100);
  const silent = names.filter(({ doc }) => !/^\S.{15,}[.:`]$/s.test(doc));
  expect(silent.map(({ entry, name }) => `${entry} ${name}`)).toEqual([]);
});
