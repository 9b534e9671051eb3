import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeMuscle, type TestRunner } from '../../src/testing/index.ts';
import { breakMuscle, GOOD_MUSCLE } from '../check/break-muscle.ts';

const OUT = join(import.meta.dirname, '../../out');
let folder: string;
beforeAll(() => {
  mkdirSync(OUT, { recursive: true });
  folder = mkdtempSync(join(OUT, 'kit-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the suite of a muscle with a runner of our own. Gives the names of the tests, and those that failed. */
async function suiteOf(dir: string): Promise<{ names: string[]; failed: string[] }> {
  const tests: [string, () => Promise<void>][] = [];
  const runner: TestRunner = { describe: (_name, body) => body(), it: (name, body) => void tests.push([name, body]) };
  describeMuscle(dir, runner);
  const failed: string[] = [];
  for (const [name, body] of tests) await body().catch(() => failed.push(name));
  return { names: tests.map(([name]) => name), failed };
}

const RETRY = `  for (;;) { try { await ctx.tabular.put(keyOf(note.key), note); return note; } catch { await new Promise(setImmediate); } }\n`;
const PUT = '  await ctx.tabular.put(keyOf(note.key), note);\n  return note;\n';

test('[KIT-04] one line runs discovery, examples, wrong arguments, refusals, time-out and abort of every scope', async () => {
  const { names, failed } = await suiteOf(GOOD_MUSCLE);
  expect(failed).toEqual([]);
  expect(names).toHaveLength(1 + 2 * 5);
  for (const words of [/is found/, /answers its example/, /refuses arguments/, /GateChain/, /time is up/, /gives up/])
    expect(
      names.some((name) => words.test(name)),
      String(words),
    ).toBe(true);
});

test.each([
  {
    defect: 'a handler that is not exported',
    file: 'impl.ts',
    change: ['export async function addNote', 'async function addNote'],
    fails: /is found/,
  },
  {
    defect: 'a scope without an example',
    file: 'spec.yaml',
    change: ['- arguments: { text: Buy milk }', ''],
    fails: /add has an example/,
  },
  {
    defect: 'an answer that does not fit its model',
    file: 'impl.ts',
    change: ['key: randomUUID(), text', 'id: randomUUID(), text'],
    fails: /add answers its example/,
  },
  {
    defect: 'an input that turns anything into a text',
    file: 'impl.ts',
    change: ['text: z.string().min(1).max(2000)', 'text: z.coerce.string()'],
    fails: /add refuses arguments/,
  },
  {
    defect: 'a refusal that is swallowed',
    file: 'impl.ts',
    change: [PUT, `  await ctx.gate('field_notes.extra').catch(() => undefined);\n${PUT}`],
    fails: /GateChain/,
  },
  { defect: 'a handler that never lets go', file: 'impl.ts', change: [PUT, RETRY], fails: /lets go when time is up/ },
] as const)('[KIT-04] it fails on $defect', async ({ file, change, fails }) => {
  const { failed } = await suiteOf(breakMuscle(folder, { file, change }));
  expect(
    failed.some((name) => fails.test(name)),
    failed.join('\n'),
  ).toBe(true);
});
