import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MuscleError } from '@northstar/sdk';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { MuscleImporter } from './muscle-importer.ts';

let dir: string;
let importer: MuscleImporter;
beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'northstar-import-')));
  importer = new MuscleImporter(join(dir, '.cache'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const write = async (files: Record<string, string>): Promise<void> => {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(dir, name, '..'), { recursive: true });
    await writeFile(join(dir, name), text);
  }
};
const value = async (): Promise<unknown> => (await importer.import(dir, 10_000)).exports.value;

test.each([
  { what: 'a helper', file: 'helper.ts', text: (n: number) => `export const value = ${n};` },
  { what: 'JSON', file: 'data.json', text: (n: number) => `{"value": ${n}}` },
  {
    what: 'a built ES module',
    file: 'lib/built.mjs',
    text: (n: number) => `export const value = await Promise.resolve(${n});`,
  },
  { what: 'built JavaScript', file: 'built.js', text: (n: number) => `export const value = ${n};` },
  { what: 'CommonJS', file: 'old.cjs', text: (n: number) => `exports.value = ${n};` },
])('[RELOAD-02] a second import runs the new $what', async ({ file, text }) => {
  const entry = file.endsWith('.json')
    ? `import data from './${file}' with { type: 'json' };\nexport const value = data.value;`
    : `export { value } from './${file}';`;
  await write({ 'impl.ts': entry, 'package.json': '{"type": "module"}', [file]: text(1) });
  expect(await value()).toBe(1);
  await write({ [file]: text(2) });
  expect(await value()).toBe(2);
});

test('[RELOAD-02] a second import runs what a helper of a helper has become, in every kind of file', async () => {
  const chain = {
    'impl.ts': `export { value } from './a.ts';`,
    'a.ts': `export { value } from './b.mjs';`,
    'b.mjs': `import { createRequire } from 'node:module';\nimport c from './c.cjs';\nexport const value = c.value;`,
    'c.cjs': `const d = require('./d.cjs');\nmodule.exports = { value: d.value };`,
  };
  await write({ ...chain, 'd.cjs': `exports.value = 'old';` });
  expect(await value()).toBe('old');
  await write({ 'd.cjs': `exports.value = 'new';` });
  expect(await value()).toBe('new');
});

test('[RELOAD-02] helpers in a circle, and one helper of two others, are one module each', async () => {
  await write({
    'impl.ts': `import { one } from './one.mjs';\nimport { two } from './two.mjs';\nexport const value = [one(), two(), globalThis.northstarShared];`,
    'one.mjs': `import './shared.mjs';\nimport { two } from './two.mjs';\nexport const one = () => 1;\nexport const both = () => [one(), two()];`,
    'two.mjs': `import './shared.mjs';\nimport { one } from './one.mjs';\nexport const two = () => one() + 1;`,
    'shared.mjs': `globalThis.northstarShared = (globalThis.northstarShared ?? 0) + 1;`,
  });
  expect(await value()).toEqual([1, 2, 1]);
});

test('[LOAD-08] a built muscle gets the zod and the SDK of the host, and new bytes run as new code', async () => {
  const built = (n: number): string =>
    `import { MuscleError } from '@northstar/sdk';\nimport z, { z as named } from 'zod';\nimport { part } from './chunk.js';\nexport const value = { MuscleError, same: z.object === named.object, z: named, part, n: ${n} };`;
  await write({ 'impl.js': built(1), 'chunk.js': 'export const part = 1;', 'package.json': '{"type": "module"}' });
  const first = (await value()) as Record<string, unknown>;
  expect(first).toMatchObject({ same: true, part: 1, n: 1 });
  expect(first.MuscleError).toBe(MuscleError);
  expect(first.z).toBe(z);
  expect(await value()).toBe(first);
  await write({ 'impl.js': built(2), 'chunk.js': 'export const part = 2;' });
  expect(await value()).toMatchObject({ n: 2, part: 2 });
});
