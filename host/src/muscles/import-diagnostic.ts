import { basename, dirname, sep } from 'node:path';
import type { Diagnostic } from '@northstar/sdk/bind';
import type { LoadCode } from './load-codes.ts';

type FailureCode = Exclude<LoadCode, 'load.name_collision' | 'load.uncaught_error'>;

const ADVICE: Record<FailureCode, (name: string) => string> = {
  'load.unreadable': () => 'The file cannot be read',
  'load.import_failed': (name) => `Importing ${name} failed`,
  'load.setup_failed': () => 'The exported setup() failed',
  'load.isolate_failed': () => 'The isolate of the muscle failed',
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
  return { severity: 'error', code, message: `${ADVICE[code](basename(file))}: ${firstLine}`, ...place };
}

/** The first place in the muscle's own folder, or else the `(line:column)` of a syntax error in `file`. */
function placeIn(file: string, text: string): Place {
  const place = placeBelow(dirname(file), text);
  if (place !== undefined) return place;
  const bare = /\((\d+):(\d+)\)/.exec(text);
  return { file, line: Number(bare?.[1] ?? 1), column: Number(bare?.[2] ?? 1) };
}

export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * The first `file:line:column` of a stack that lies in a folder, packages aside. Node writes the URL with its query, and
 * of a syntax error the line alone.
 */
export function placeBelow(dir: string, text: string): Place | undefined {
  for (const [, path = '', line, column] of text.matchAll(
    /((?:[A-Za-z]:)?[\\/][^\s:?()]+)(?:\?[^\s:]*)?:(\d+)(?::(\d+))?/g,
  )) {
    const named = path.replace(/^\/+(?=\/)/, '');
    if (named.startsWith(dir + sep) && !named.includes(`${sep}node_modules${sep}`))
      return { file: named, line: Number(line), column: Number(column ?? 1) };
  }
  return undefined;
}
