import type { Command, Flag } from './command.ts';
import type { Program } from './run-program.ts';

/** Help of one command. `program` is absent where the command is the whole program. */
export function commandHelp(command: Command, program?: string): string {
  const words = [program, command.name, command.positionals, '[options]'].filter(Boolean).join(' ');
  const flags = Object.entries({ ...command.flags, help: HELP }).map(([name, flag]) => [
    spelling(name, flag),
    flag.description,
  ]);
  const notes = command.notes === undefined ? [] : ['', command.notes.trim()];
  return [`Usage: ${words}`, '', command.summary, '', 'Options:', ...table(flags), ...notes].join('\n');
}

export function programHelp({ name, summary, commands }: Program): string {
  const rows = commands.map((command) => [
    [command.name, command.positionals].filter(Boolean).join(' '),
    command.summary,
  ]);
  return [
    `Usage: ${name} <command> [options]`,
    '',
    summary,
    '',
    'Commands:',
    ...table(rows),
    '',
    `${name} <command> --help tells more.`,
  ].join('\n');
}

const HELP: Flag = { type: 'boolean', short: 'h', description: 'show this help' };

function spelling(name: string, flag: Flag): string {
  return `${flag.short ? `-${flag.short}, ` : ''}--${name}${flag.type === 'string' ? ` ${flag.placeholder ?? '<value>'}` : ''}`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.map(([left = '']) => left.length));
  return rows.map(([left = '', right = '']) => `  ${left.padEnd(width)}  ${right}`);
}
