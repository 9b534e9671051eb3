import { expect, test } from 'vitest';
import { CommandFailure, type Command } from './command.ts';
import type { Printer } from './printer.ts';
import { runProgram, type Program } from './run-program.ts';

const shout: Command = {
  name: 'shout',
  summary: 'Says a word loudly.',
  positionals: '<word>',
  flags: { times: { type: 'string', short: 't', placeholder: '<n>', description: 'how often' } },
  run: async ({ positionals: [word], flags, print }) => {
    if (word === undefined) throw new CommandFailure('Name a word: megaphone shout hello.');
    if (word === 'bug') throw new TypeError('nobody foresaw this');
    print.data(word.toUpperCase().repeat(Number(flags.times ?? 1)));
    return word === 'no' ? 1 : 0;
  },
};
const megaphone: Program = { name: 'megaphone', summary: 'Is loud.', version: '1.2.3', commands: [shout] };

async function run(...argv: string[]): Promise<{ status: number; data: string; failures: string }> {
  const told = { data: [] as string[], failures: [] as string[] };
  const print: Printer = {
    data: (text) => told.data.push(text),
    note: () => {},
    failure: (text) => told.failures.push(text),
  };
  const status = await runProgram(megaphone, argv, print);
  return { status, data: told.data.join('\n'), failures: told.failures.join('\n') };
}

test('[AUTHOR-01] a command gets its arguments and flags, and its status is the program’s', async () => {
  expect(await run('shout', 'hi', '--times', '2')).toEqual({ status: 0, data: 'HIHI', failures: '' });
  expect(await run('shout', '-t', '1', 'no')).toMatchObject({ status: 1, data: 'NO' });
});

test('[AUTHOR-01] help lists the commands, and the flags of one', async () => {
  for (const argv of [[], ['--help'], ['help']])
    expect((await run(...argv)).data).toMatch(/shout <word> {2}Says a word/);
  expect((await run('shout', '--help')).data).toMatch(
    /Usage: megaphone shout <word> \[options\][^]+-t, --times <n> {2}how often/,
  );
  expect((await run('--version')).data).toBe('1.2.3');
});

test.each([
  { argv: ['shuot'], says: 'megaphone has no command "shuot"; did you mean "shout"?' },
  { argv: ['shout', 'hi', '--tmies', '2'], says: "Unknown option '--tmies'" },
  { argv: ['shout'], says: 'Name a word: megaphone shout hello.' },
])('[AUTHOR-02] $argv fails with status 1 and one line, without a stack trace', async ({ argv, says }) => {
  const { status, failures } = await run(...argv);
  expect(status).toBe(1);
  expect(failures).toContain(says);
  expect(failures).not.toContain('\n');
});

test('[AUTHOR-02] a failure that nobody foresaw shows where it happened', async () => {
  expect((await run('shout', 'bug')).failures).toMatch(/nobody foresaw this\n\s+at /);
});
