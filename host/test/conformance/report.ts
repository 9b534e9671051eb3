import type { ScenarioResult } from './results.ts';
import type { SuiteRun } from './suite.ts';

/** Tables for people: what counts, what the suite only reports, and what is wrong with anything that must pass. */
export function report({ revision, passed, reasons, scenarios }: SuiteRun): string {
  const required = scenarios.filter(({ scored }) => scored);
  const unscored = scenarios.filter(({ scored }) => !scored);
  const problems = scenarios
    .filter(({ name, scored }) => scored || revision.held.includes(name))
    .flatMap((result) => result.problems.map((problem) => `  ${result.name}: ${problem}`));
  const verdict = !passed ? 'FAILED' : scenarios.length === 0 ? 'not applicable' : 'passed';
  return [
    `MCP ${revision.id}: ${verdict}`,
    ...reasons.map((reason) => `  ${reason}`),
    ...table('required', required),
    ...table('reported, not scored', unscored),
    ...(problems.length > 0 ? ['', ...problems] : []),
    '',
  ].join('\n');
}

function table(title: string, results: readonly ScenarioResult[]): string[] {
  if (results.length === 0) return [];
  const total = (key: 'passed' | 'failed' | 'warnings') => results.reduce((sum, result) => sum + result[key], 0);
  const row = (name: string, ...cells: (string | number)[]): string =>
    `  ${name.padEnd(48)}${cells.map((cell) => String(cell).padStart(10)).join('')}`;
  return [
    '',
    row(`${results.length} scenarios, ${title}`, 'passed', 'failed', 'warnings'),
    ...results.map(({ name, passed, failed, warnings }) => row(name, passed, failed, warnings)),
    row('total', total('passed'), total('failed'), total('warnings')),
  ];
}
