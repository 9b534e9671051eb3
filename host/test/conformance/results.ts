import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One scenario of the suite: how its checks ended, and what the ones that did not pass say. */
export interface ScenarioResult {
  readonly name: string;
  /** False for what the suite runs and reports without counting it towards conformance. */
  readonly scored: boolean;
  readonly passed: number;
  readonly failed: number;
  readonly warnings: number;
  readonly problems: readonly string[];
}

interface Check {
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  readonly description?: string;
  readonly errorMessage?: string;
}

/** The suite writes `<folder>/server-<scenario>-<time>/checks.json`, and says on stdout what is not scored. */
export async function readResults(folder: string, output: readonly string[]): Promise<ScenarioResult[]> {
  const unscored = unscoredNames(output);
  const written = existsSync(folder) ? await readdir(folder) : [];
  const results = new Map<string, ScenarioResult>();
  for (const name of startedNames(output)) results.set(name, withoutChecks(name, !unscored.has(name)));
  for (const entry of written) {
    const name = /^server-(.+)-\d{4}-\d{2}-\d{2}T[\d-]+Z$/.exec(entry)?.[1];
    const file = join(folder, entry, 'checks.json');
    // A scenario that does not apply to the revision leaves an empty folder.
    if (name === undefined || !existsSync(file)) continue;
    const checks = JSON.parse(await readFile(file, 'utf8')) as Check[];
    results.set(name, summary(name, !unscored.has(name), checks));
  }
  return [...results.values()];
}

function summary(name: string, scored: boolean, checks: readonly Check[]): ScenarioResult {
  const count = (status: Check['status']): number => checks.filter((check) => check.status === status).length;
  const open = checks.filter(({ status }) => status === 'FAILURE' || status === 'WARNING');
  return {
    name,
    scored,
    passed: count('SUCCESS'),
    failed: count('FAILURE'),
    warnings: count('WARNING'),
    problems: open.map((check) => `${check.status} ${check.id}: ${check.errorMessage ?? check.description ?? ''}`),
  };
}

/** A scenario that broke off leaves no file, and must not vanish from the report. */
function withoutChecks(name: string, scored: boolean): ScenarioResult {
  return { name, scored, passed: 0, failed: 1, warnings: 0, problems: ['FAILURE the scenario broke off'] };
}

function startedNames(output: readonly string[]): string[] {
  return output.flatMap((line) => /^=== Running scenario: (.+) ===$/.exec(line)?.[1] ?? []);
}

function unscoredNames(output: readonly string[]): Set<string> {
  const start = output.findIndex((line) => line.startsWith('Not scored for '));
  if (start < 0) return new Set();
  return new Set(output.slice(start + 1).flatMap((line) => /^ {2}[✓✗] (\S+) \(/.exec(line)?.[1] ?? []));
}
