import { CommandFailure } from './run-host.ts';

/** The arguments of a scope as they stand on the command line. */
export function parseArguments(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandFailure(
      `--json is not JSON: ${(error as Error).message}. Quote it whole: --json '{"message":"hello"}'.`,
    );
  }
}
