import type { Diagnostic } from '@northstar/sdk/bind';
import { placeBelow, type Place } from './import-diagnostic.ts';

/** Something that a muscle in the host threw while nobody waited for it, such as in a timer. */
export interface UncaughtError {
  readonly muscle: string;
  readonly place: Place;
  /** First line of what was thrown. */
  readonly message: string;
}

/**
 * Whose error it was, by the first line of its stack that lies in the folder of a muscle. Undefined for what names no
 * such line: a value that is no error, or one that only packages and Node itself have handled. By the stack and not by
 * an asynchronous context, which would make every call of every muscle slower on Node 20.
 */
export function findCulprit(thrown: unknown, folders: ReadonlyMap<string, string>): UncaughtError | undefined {
  if (!(thrown instanceof Error) || typeof thrown.stack !== 'string') return undefined;
  // Line by line, since the innermost muscle is the one that threw, whatever called it.
  for (const line of thrown.stack.split('\n'))
    for (const [muscle, dir] of folders) {
      const place = placeBelow(dir, line);
      if (place !== undefined) return { muscle, place, message: String(thrown.message).split('\n')[0] ?? '' };
    }
  return undefined;
}

/** What operators see of it until the muscle is loaded again. */
export function uncaughtDiagnostic({ place, message }: UncaughtError, times: number): Diagnostic {
  const often = times > 1 ? ` (${times} times since it was loaded; this is the latest)` : '';
  return {
    severity: 'warning',
    code: 'load.uncaught_error',
    message: `Its code threw where nobody could catch it${often}: ${message.slice(0, 1000)}. Its state may be damaged. Catch it there, await the promise, or isolate the muscle.`,
    ...place,
  };
}
