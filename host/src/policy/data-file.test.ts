import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { ConfigError } from '../config/config-error.ts';
import { tempFolder, type TempFolder } from '../stores/contract/temp-folder.ts';
import { PriceBook, PriceBookFile } from './budget/price-book.ts';
import { Plans, PlansFile } from './entitlement/plans.ts';

const REGISTRY = join(import.meta.dirname, '../../../registry-data');
let folder: TempFolder;
beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(() => folder.remove());

function file(text: string): { path: string; required: boolean } {
  const path = join(folder.path, 'data.yaml');
  writeFileSync(path, text);
  return { path, required: true };
}

function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((line) => line.replace(folder.path, '…'));
    throw error;
  }
  return [];
}

test('[BUD-09] the shipped price book and plans are sound', () => {
  const prices = PriceBook.read({ path: join(REGISTRY, 'price-book.yaml'), required: true });
  expect(prices.priceOf('media_v2.create_asset')).toBe(2000);
  expect(prices.priceOf('echo.ping')).toBe(100);
  expect(prices.priceOf('anything.else')).toBe(1000);
  const plans = Plans.read({ path: join(REGISTRY, 'plans.yaml'), required: true });
  expect(plans.all.map(({ id }) => id)).toEqual(['free', 'pro', 'unlimited']);
});

test('[BUD-09] the published schemas say what the host checks', () => {
  for (const [name, model] of [
    ['price-book', PriceBookFile],
    ['plans', PlansFile],
  ] as const) {
    const schema = JSON.parse(readFileSync(join(REGISTRY, `schemas/${name}.schema.json`), 'utf8')) as object;
    expect(schema).toEqual(z.toJSONSchema(model, { io: 'input' }));
  }
});

test('[BUD-09] the narrowest price counts', () => {
  const book = file(`currency: USD
default_price: 1
prices: { '*': 2, a.*: 3, a.b.*: '0.000001', a.b.c: 0 }`);
  const prices = PriceBook.read(book);
  const of = (action: string) => prices.priceOf(action);
  expect([of('x.y'), of('a.x'), of('a.b.x'), of('a.b.c')]).toEqual([2_000_000, 3_000_000, 1, 0]);
});

test('[BUD-09] a wrong file names file, line and column of every problem', () => {
  const book = file('currency: EUR\ndefault_price: 1\nprices:\n  echo.ping: -1\n  "a b": 1\n');
  const problems = problemsOf(() => PriceBook.read(book));
  expect(problems).toHaveLength(3);
  expect(problems[0]).toMatch(/^…\/data\.yaml:1:11: currency: /);
  expect(problems[1]).toMatch(/^…\/data\.yaml:4:14: prices\.echo\.ping: /);
  expect(problems[2]).toMatch(/^…\/data\.yaml:5:\d+: prices\.a b: /);
});

test.each([
  ['text that is no YAML', 'plans: [', /^…\/data\.yaml:1:\d+: /],
  ['an unknown key', 'plans: {}\nplan: {}\n', /^…\/data\.yaml:1:1: .*plan/],
  ['no scopes', 'plans:\n  free:\n    name: Free\n', /^…\/data\.yaml:3:5: plans\.free\.scopes: /],
  ['an empty file', '', /^…\/data\.yaml:1:1: /],
  ['an alias bomb', `a: &a [x, x]\nplans: [${'*a, '.repeat(300)}*a]\n`, /^…\/data\.yaml:/],
])('[BUD-09] plans with %s are refused', (_what, text, problem) => {
  const problems = problemsOf(() => Plans.read(file(text)));
  expect(problems[0]).toMatch(problem);
});

test('[BUD-09] a file that is named must be there; one that lies nowhere by default need not', () => {
  const path = join(folder.path, 'nowhere.yaml');
  expect(problemsOf(() => Plans.read({ path, required: true }))[0]).toContain('nowhere.yaml cannot be read (ENOENT)');
  expect(Plans.read({ path, required: false }).all).toEqual([]);
  expect(PriceBook.read({ path, required: false }).priceOf('echo.ping')).toBe(1000);
});
