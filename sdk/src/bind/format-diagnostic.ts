import type { Diagnostic } from './diagnostic.ts';

/** One line that terminals and editors turn into a link: `spec.yaml:3:5 error spec.unknown_key: …`. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, severity, code, message } = diagnostic;
  return `${file}:${line}:${column} ${severity} ${code}: ${message}`;
}
