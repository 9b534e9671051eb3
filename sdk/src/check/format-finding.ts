import type { Finding } from './finding.ts';

/** Three lines that a person can act on; the first one is a link in terminals and editors. */
export function formatFinding(finding: Finding): string {
  const { file, line, column, severity, rule, code, message, why, fix } = finding;
  const own = code.startsWith('check.') ? rule : `${rule} (${code})`;
  return [`${file}:${line}:${column} ${severity} ${own}: ${message}`, `  why: ${why}`, `  fix: ${fix}`].join('\n');
}
