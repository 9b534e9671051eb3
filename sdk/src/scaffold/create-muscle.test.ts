import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createMuscle, ScaffoldError } from './index.ts';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'northstar-create-'));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

test.each([
  { what: 'an id with a hyphen', id: 'my-tool', says: 'lower-case letters, digits and underscores' },
  { what: 'an id that climbs out of the folder', id: '../my_tool', says: 'is not an id' },
  {
    what: 'an id whose route belongs to the host',
    id: 'tools',
    template: 'read-write',
    says: '"/tools" belongs to the host',
  },
  { what: 'an unknown template', id: 'my_tool', template: 'advanced', says: 'Choose one of basic' },
  { what: 'a name of two lines', id: 'my_tool', name: 'one\nx: two', says: 'one line' },
  { what: 'a summary without end', id: 'my_tool', summary: 'x'.repeat(301), says: '1 to 300 letters' },
])('[AUTHOR-06] $what is refused, and nothing is written', async ({ id, template = 'basic', says, ...texts }) => {
  const refusal = await createMuscle({ id, template, cwd, ...texts }).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(ScaffoldError);
  expect((refusal as Error).message).toContain(says);
  expect((refusal as Error).message).not.toContain('\n');
  expect(await readdir(cwd)).toEqual([]);
});

test('[AUTHOR-06] a folder that holds anything is refused and left as it was', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'northstar-create-'));
  await mkdir(join(parent, 'my_tool'));
  await writeFile(join(parent, 'my_tool', 'notes.txt'), 'mine');
  await expect(createMuscle({ id: 'my_tool', template: 'basic', parent, cwd })).rejects.toThrow(
    'is not empty (it holds notes.txt)',
  );
  expect(await readdir(join(parent, 'my_tool'))).toEqual(['notes.txt']);
  await rm(join(parent, 'my_tool'), { recursive: true });
  await writeFile(join(parent, 'my_tool'), 'a file');
  await expect(createMuscle({ id: 'my_tool', template: 'basic', parent, cwd })).rejects.toThrow('my_tool is a file');
  await rm(parent, { recursive: true, force: true });
});

test('[AUTHOR-06] a name full of quotes and markup stays a name in every file', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'northstar-create-'));
  const name = `It's: a "tool" # {x} my_muscle $& ${'`'}`;
  const { dir } = await createMuscle({ id: 'quoted', template: 'read-write', name, summary: `- ${name}`, parent, cwd });
  expect(parse(await readFile(join(dir, 'spec.yaml'), 'utf8'))).toMatchObject({
    id: 'quoted',
    name,
    summary: `- ${name}`,
  });
  expect(JSON.parse(await readFile(join(dir, 'package.json'), 'utf8'))).toMatchObject({
    name: 'quoted',
    description: `- ${name}`,
  });
  await rm(parent, { recursive: true, force: true });
});

test('[AUTHOR-06] no word of the templates is left', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'northstar-create-'));
  for (const template of ['basic', 'read-write', 'http-upload']) {
    const { dir, files } = await createMuscle({ id: template.replace('-', '_'), template, parent, cwd });
    for (const file of files)
      expect(await readFile(join(dir, file), 'utf8'), file).not.toMatch(/my.?muscle|What this muscle is for/i);
  }
  await rm(parent, { recursive: true, force: true });
});
