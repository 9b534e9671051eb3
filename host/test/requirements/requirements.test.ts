import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { sourceFiles } from '../architecture/source-files.ts';

interface Requirement {
  readonly id: string;
  readonly source: string;
  readonly behaviour: string;
}

const requirements = parse(readFileSync(join(import.meta.dirname, 'requirements.yaml'), 'utf8')) as Requirement[];
const ids = requirements.map(({ id }) => id);

/** `[ID]` as it stands in the names of tests. */
const cited = new Set(
  sourceFiles(['sdk', 'host', 'plugins', 'examples'], { tests: true })
    .filter(({ path }) => /\.(test|contract)\.ts$/.test(path))
    .flatMap(({ text }) => [...text.matchAll(/\[([A-Z]+-\d+[a-z]?)\]/g)].map((match) => match[1] ?? '')),
);

test('every requirement says where it comes from and what it asks for, and has an id of its own', () => {
  for (const { id, source, behaviour } of requirements) {
    expect(id).toMatch(/^[A-Z]+-\d{2}[a-z]?$/);
    expect(source?.length, id).toBeGreaterThan(3);
    expect(behaviour?.length, id).toBeGreaterThan(20);
  }
  expect(new Set(ids).size).toBe(ids.length);
});

test('every requirement is cited by a test', () => {
  expect(ids.filter((id) => !cited.has(id))).toEqual([]);
});

test('every id that a test cites is a requirement', () => {
  expect([...cited].filter((id) => !ids.includes(id)).sort()).toEqual([]);
});
