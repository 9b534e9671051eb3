import type { Diagnostic } from '@northstar/sdk/bind';
import type { LoadCode } from './load-codes.ts';

type FailureCode = Exclude<LoadCode, 'load.name_collision'>;

const ADVICE: Record<FailureCode, string> = {
  'load.unreadable': 'The file cannot be read',
  'load.import_failed': 'Importing impl.ts failed',
  'load.setup_failed': 'The exported setup() failed',
};

/** Turns what a muscle's code threw into a diagnostic at the line of the muscle's own file that it names, if any. */
export function importDiagnostic(code: FailureCode, file: string, error: unknown): Diagnostic {
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const place = placeIn(file, `${message}\n${stack}`);
  const missing = (error as NodeJS.ErrnoException)?.code === 'ENOENT' && (error as NodeJS.ErrnoException).path === file;
  const firstLine = missing
    ? 'it does not exist. The code of a muscle is in impl.ts beside spec.yaml.'
    : (message.split('\n')[0] ?? message);
  return { severity: 'error', code, message: `${ADVICE[code]}: ${firstLine}`, file, ...place };
}

/** Finds `file:line:column`, or the `(line:column)` of a syntax error. */
function placeIn(file: string, text: string): { line: number; column: number } {
  const named = text.indexOf(`${file}:`);
  const match =
    (named >= 0 && /^(\d+):(\d+)/.exec(text.slice(named + file.length + 1))) || /\((\d+):(\d+)\)/.exec(text);
  return match ? { line: Number(match[1]), column: Number(match[2]) } : { line: 1, column: 1 };
}
