import { resolve } from 'node:path';
import type { Finding } from './finding.ts';
import { readMuscleFacts } from './read-muscle-facts.ts';
import { runRules } from './run-rules.ts';

export interface CheckOptions {
  /** Every warning counts as an error. */
  readonly strict?: boolean;
  /** Findings show paths relative to it. Default: the working directory. */
  readonly cwd?: string;
}

/**
 * Checks the muscle in a folder by every rule, and gives what is wrong with it in order of file and line. Imports its
 * code in a process of its own, and calls no handler. Throws CannotCheck when there is no muscle, or no TypeScript.
 */
export async function checkMuscle(
  dir: string,
  { strict = false, cwd = process.cwd() }: CheckOptions = {},
): Promise<readonly Finding[]> {
  const findings = runRules(await readMuscleFacts(resolve(cwd, dir), { strict, cwd }));
  return strict ? findings.map((finding) => ({ ...finding, severity: 'error' as const })) : findings;
}
