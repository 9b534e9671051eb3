import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TEMPLATES } from '@northstar/sdk/scaffold';
import { expect, test } from 'vitest';
import { createMuscleCommand, muscleProgram } from '../../../sdk/src/cli/index.ts';
import { NORTHSTAR, ROOT } from '../acceptance/repository.ts';

const page = readFileSync(join(ROOT, 'docs/reference/cli.md'), 'utf8');
const section = (title: string): string => page.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
/** First cell of each row of a section's tables, and flags named in its other cells. */
const firstCells = (title: string): string[] =>
  [...section(title).matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1] ?? '');

test('[DOC-20] the page lists the commands of northstar that its help lists', () => {
  const help = execFileSync(process.execPath, [NORTHSTAR, '--help'], { encoding: 'utf8' });
  const listed = [...(help.split('Commands:')[1] ?? '').matchAll(/^ {2}([a-z]+)/gm)].map((match) => match[1]);
  const commands = listed.filter((name) => name !== 'help').map((name) => `northstar ${name}`);
  expect(firstCells('northstar').sort()).toEqual(commands.sort());
});

test('[DOC-20] the page lists the flags and the templates of create-muscle', () => {
  const flags = Object.keys(createMuscleCommand.flags).map((name) => `--${name}`);
  expect(firstCells('create-muscle').sort()).toEqual([...flags, ...Object.keys(TEMPLATES)].sort());
});

test('[DOC-20] the page lists the commands and flags of muscle', () => {
  const rows = section('muscle')
    .split('\n')
    .filter((line) => line.startsWith('| `muscle'))
    .map((line) => [...line.matchAll(/`([^`]+)`/g)].map((match) => match[1]));
  expect(rows).toEqual(
    muscleProgram.commands.map(({ name, flags }) => [
      `muscle ${name}`,
      ...Object.keys(flags).map((flag) => `--${flag}`),
    ]),
  );
});
