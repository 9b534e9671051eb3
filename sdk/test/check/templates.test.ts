import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkMuscle } from '../../src/check/check-muscle.ts';
import { describeMuscle } from '../../src/testing/index.ts';

const SDK = join(import.meta.dirname, '../..');
/** Folders of `templates/` that hold no muscle, but what all of them share. */
const PARTS = ['package', 'shared'];
const templates = readdirSync(join(SDK, 'templates')).filter((name) => !PARTS.includes(name));

let folder: string;
beforeAll(() => {
  mkdirSync(join(SDK, 'out'), { recursive: true });
  folder = mkdtempSync(join(SDK, 'out/templates-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(templates)('[CHECK-04] the template %s passes the strict check and the conformance suite', async (name) => {
  // The id in a template is a placeholder, so the folder has to have its name.
  const dir = join(folder, name, 'my_muscle');
  cpSync(join(SDK, 'templates', name), dir, { recursive: true });
  expect(await checkMuscle(dir, { strict: true, cwd: dir })).toEqual([]);
  const tests: (readonly [string, () => Promise<void>])[] = [];
  describeMuscle(dir, { describe: (_name, body) => body(), it: (title, body) => void tests.push([title, body]) });
  for (const [title, body] of tests) await body().catch((error: unknown) => expect.fail(`${title}: ${String(error)}`));
});
