import { parseArgs } from 'node:util';
import { didYouMean } from '../bind/did-you-mean.ts';
import { CommandFailure, type Command, type Invocation } from './command.ts';
import { commandHelp, programHelp } from './format-help.ts';
import { terminal, type Printer } from './printer.ts';

export interface Program {
  readonly name: string;
  /** One line on what the program is for. */
  readonly summary: string;
  readonly version: string;
  readonly commands: readonly Command[];
}

/** Runs the command that the arguments name, and gives the exit status. Never throws. */
export async function runProgram(
  program: Program,
  argv: readonly string[],
  print: Printer = terminal,
): Promise<number> {
  const [name, ...rest] = argv;
  if (name === '--version') return tell(print, program.version);
  if (name === undefined || name === '--help' || name === '-h' || name === 'help')
    return tell(print, programHelp(program));
  const command = program.commands.find((entry) => entry.name === name);
  if (command) return runCommand(command, rest, { print, program: program.name });
  const names = program.commands.map((entry) => entry.name);
  print.failure(
    `${program.name} has no command "${name}"${didYouMean(name, names) || ` (${program.name} --help lists them)`}`,
  );
  return 1;
}

/** Runs one command with its arguments, and gives the exit status. Never throws. */
export async function runCommand(
  command: Command,
  argv: readonly string[],
  { print = terminal, program }: { print?: Printer; program?: string } = {},
): Promise<number> {
  const full = program === undefined ? command.name : `${program} ${command.name}`;
  try {
    const invocation = parseInvocation(command, argv, print);
    if (invocation.flags.help === true) return tell(print, commandHelp(command, program));
    return await command.run(invocation);
  } catch (error) {
    if (error instanceof CommandFailure) print.failure(error.message);
    else if (isUsageError(error)) print.failure(`${error.message} (${full} --help)`);
    // A stack trace helps only where nobody foresaw the failure.
    else print.failure(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return 1;
  }
}

function parseInvocation(command: Command, argv: readonly string[], print: Printer): Invocation {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: command.positionals !== '',
    options: {
      ...Object.fromEntries(
        Object.entries(command.flags).map(([name, { type, short }]) => [name, { type, ...(short && { short }) }]),
      ),
      help: { type: 'boolean', short: 'h' },
    },
  });
  return { positionals, flags: values as Invocation['flags'], cwd: process.cwd(), print };
}

/** What `parseArgs` throws for a flag or an argument that the command does not take. */
function isUsageError(error: unknown): error is Error {
  return error instanceof Error && String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS_');
}

function tell(print: Printer, text: string): number {
  print.data(text);
  return 0;
}
