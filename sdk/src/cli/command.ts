import type { Printer } from './printer.ts';

/** One flag of a command, in the words of its help. */
export interface Flag {
  readonly type: 'string' | 'boolean';
  /** One letter, for flags that people type often. */
  readonly short?: string;
  /** What stands behind a `string` flag in the help: `<dir>`. */
  readonly placeholder?: string;
  readonly description: string;
}

/** What a command was called with. */
export interface Invocation {
  readonly positionals: readonly string[];
  /** Values by flag name; a flag that was not given is absent. */
  readonly flags: { readonly [name: string]: string | boolean | undefined };
  /** Absolute; paths on the command line are relative to it. */
  readonly cwd: string;
  readonly print: Printer;
}

/** One subcommand of `muscle`, or the whole of a program that has only one. */
export interface Command {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** How the arguments without a flag are shown: `[folder]`. Empty: the command takes none. */
  readonly positionals: string;
  readonly flags: { readonly [name: string]: Flag };
  /** Shown below the flags: an example, and what the command does not do. */
  readonly notes?: string;
  /** Gives the exit status. Throws CommandFailure for what one line explains. */
  run(invocation: Invocation): Promise<number>;
}

/** A failure that one line explains: printed without a stack trace, and the program ends with status 1. */
export class CommandFailure extends Error {}
