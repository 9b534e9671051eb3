import { readFileSync } from 'node:fs';
import { formatDiagnostic, type Diagnostic } from '@northstar/sdk/bind';
import type { MuscleEvent } from '../muscles/muscle-status.ts';
import { countTools } from './describe-muscles.ts';
import { dim, green, red, yellow } from './print.ts';

/** What an author at a terminal wants to know of one event; nothing when it is none of their concern. */
export function describeEvent({ what, status }: MuscleEvent): string[] {
  const { id, state, version, tools, diagnostics } = status;
  const problems = diagnostics.flatMap(describeDiagnostic);
  if (what === 'loaded') return [`${green('reloaded')} ${id} ${version ?? ''} with ${countTools(tools)}`, ...problems];
  if (what === 'withdrawn') return [`${dim(state)} ${id}`];
  if (what === 'retired') return [];
  const kept =
    state === 'stale' ? `version ${version ?? ''}, the last that worked, keeps serving` : 'it serves nothing';
  return [`${state === 'stale' ? yellow(state) : red(state)} ${id}: ${kept}`, ...problems];
}

function describeDiagnostic(diagnostic: Diagnostic): string[] {
  return [formatDiagnostic(diagnostic), ...sourceLine(diagnostic)];
}

/** The line that a diagnostic is about, with a mark below its column. */
function sourceLine({ file, line, column }: Diagnostic): string[] {
  try {
    const text = readFileSync(file, 'utf8').split(/\r?\n/)[line - 1]?.replaceAll('\t', ' ');
    if (!text?.trim()) return [];
    const number = `${line} | `;
    return [dim(`  ${number}${text.slice(0, 160)}`), `  ${' '.repeat(number.length + column - 1)}${red('^')}`];
  } catch {
    // A diagnostic may be about a file that is not there.
    return [];
  }
}
