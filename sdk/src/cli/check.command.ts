import { relative, resolve } from 'node:path';
import { checkMuscle } from '../check/check-muscle.ts';
import type { Finding } from '../check/finding.ts';
import { formatFinding } from '../check/format-finding.ts';
import { CannotCheck } from '../check/read-muscle-facts.ts';
import { CommandFailure, type Command } from './command.ts';

/** `muscle check`: every rule of a well-made muscle, with the place, the reason and the fix of each defect. */
export const checkCommand: Command = {
  name: 'check',
  summary: 'Checks a muscle by every rule, and says where, why and how to put it right.',
  positionals: '[folder...]',
  flags: {
    strict: { type: 'boolean', description: 'warnings and unknown keys are errors' },
    json: { type: 'boolean', description: 'print the findings as JSON' },
  },
  notes: `
Without a folder it checks the one it runs in. The code is imported in a process of its own; no handler is called.
Ends with status 0 without errors, 1 with errors, and 1 with one line where there is nothing to check.`,
  run: async ({ positionals, flags, cwd, print }) => {
    const dirs = (positionals.length > 0 ? positionals : ['.']).map((dir) => resolve(cwd, dir));
    const findings: Finding[] = [];
    for (const dir of dirs) findings.push(...(await check(dir, flags.strict === true, cwd)));
    const errors = findings.filter(({ severity }) => severity === 'error').length;
    if (flags.json === true) {
      print.data(JSON.stringify({ ok: errors === 0, errors, warnings: findings.length - errors, findings }, null, 2));
    } else {
      for (const finding of findings) print.data(formatFinding(finding));
      const what = dirs.map((dir) => relative(cwd, dir) || '.').join(', ');
      print.note(`${what}: ${counted(errors, 'error')}, ${counted(findings.length - errors, 'warning')}`);
    }
    return errors === 0 ? 0 : 1;
  },
};

async function check(dir: string, strict: boolean, cwd: string): Promise<readonly Finding[]> {
  try {
    return await checkMuscle(dir, { strict, cwd });
  } catch (error) {
    throw error instanceof CannotCheck ? new CommandFailure(error.message) : error;
  }
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
