import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../src/check/finding.ts';
import { RULES } from '../../src/check/rule-table.ts';
import { breakMuscle, GOOD_MUSCLE } from './break-muscle.ts';
import { BROKEN_MUSCLES } from './broken-muscles.ts';

const ROOT = join(import.meta.dirname, '../../..');
const MUSCLE = join(ROOT, 'sdk/bin/muscle.js');

/** Runs the real command, as an author would. */
function muscle(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MUSCLE, ...args], { cwd: ROOT, maxBuffer: 2 ** 24 }, (error, stdout, stderr) =>
      resolve({ status: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

let folder: string;
beforeAll(() => {
  // Inside the repository, so that packages resolve as they do for an author.
  mkdirSync(join(ROOT, 'sdk/out'), { recursive: true });
  folder = mkdtempSync(join(ROOT, 'sdk/out/check-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('[CHECK-01] muscle check finds nothing in a good muscle, in strict mode too', async () => {
  const { status, stdout, stderr } = await muscle('check', GOOD_MUSCLE, '--strict');
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  expect(stderr).toContain('0 errors, 0 warnings');
});

it('[CHECK-01] a defect is told in three lines that a person can act on', async () => {
  const [broken] = BROKEN_MUSCLES.filter(({ rule }) => rule === 'no-stdout');
  const dir = breakMuscle(folder, broken!);
  const { status, stdout, stderr } = await muscle('check', dir);
  expect(status).toBe(1);
  const { why, fix } = RULES['no-stdout'];
  expect(stdout.trimEnd().split('\n')).toEqual([
    `${relative(ROOT, dir)}/impl.ts:19:3 error no-stdout: console.log writes to stdout.`,
    `  why: ${why}`,
    `  fix: ${fix}`,
  ]);
  expect(stderr).toContain('1 error, 0 warnings');
});

it.each([
  { args: ['no/such/folder'], says: /^error There is no folder/ },
  { args: ['docs'], says: /^error .*has no spec\.yaml\. Name the folder of a muscle/ },
])('[CHECK-01] $args fails with one line', async ({ args, says }) => {
  const { status, stderr } = await muscle('check', ...args);
  expect(status).toBe(1);
  expect(stderr).toMatch(says);
  expect(stderr.trim()).not.toContain('\n');
});

describe('[CHECK-02] each broken muscle has one finding, with file, line, why and fix, and no stack trace', () => {
  const dirs = new Map<string, string>();
  let findings: Finding[];
  beforeAll(async () => {
    for (const broken of BROKEN_MUSCLES) dirs.set(broken.name, breakMuscle(folder, broken));
    const { status, stdout, stderr } = await muscle('check', ...dirs.values(), '--strict', '--json');
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    ({ findings } = JSON.parse(stdout) as { findings: Finding[] });
  }, 300_000);

  it.each(BROKEN_MUSCLES)('$name breaks $rule', ({ name, rule, file, place, says }) => {
    const dir = relative(ROOT, dirs.get(name) ?? '');
    const own = findings.filter((finding) => finding.file.startsWith(`${dir}/`));
    const expected = /^\d/.test(place) ? `${file}:${place}` : place;
    expect(own.map((found) => `${found.rule} ${relative(dir, found.file)}:${found.line}:${found.column}`)).toEqual([
      `${rule} ${expected}`,
    ]);
    expect(`${own[0]?.message} ${own[0]?.fix}`).toMatch(says);
    expect(own[0]?.why).toBe(RULES[rule].why);
    expect(JSON.stringify(own)).not.toMatch(/\bat \S+ \(|node:internal|file:\/\//);
  });
});

it('[CHECK-03] every rule has a broken muscle, and a page of its own', () => {
  const pages = readdirSync(join(ROOT, 'docs/reference/rules')).map((name) => name.replace(/\.md$/, ''));
  expect(pages.filter((name) => name !== 'README').sort()).toEqual(Object.keys(RULES).sort());
  expect([...new Set(BROKEN_MUSCLES.map(({ rule }) => rule))].sort()).toEqual(Object.keys(RULES).sort());
  expect(BROKEN_MUSCLES.length).toBeGreaterThanOrEqual(30);
});
