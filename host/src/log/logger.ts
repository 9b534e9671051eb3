import type { JsonObject } from '@northstar/sdk';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Structured log: one JSON object a line, so that no value can forge another line. */
export interface Logger {
  log(level: LogLevel, message: string, fields?: JsonObject): void;
}

const RANK: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Writes to a stream that is never stdout: under `northstar stdio` stdout belongs to the protocol. */
export function jsonLogger(out: { write(line: string): unknown }, least: LogLevel): Logger {
  return {
    log(level, message, fields) {
      if (RANK[level] < RANK[least]) return;
      out.write(`${oneLine({ at: new Date().toISOString(), level, message, ...fields })}\n`);
    },
  };
}

/** JSON escapes control characters up to U+001F; terminals also act on DEL and U+0080 to U+009F. */
function oneLine(entry: JsonObject): string {
  return JSON.stringify(entry).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export const silentLogger: Logger = { log: () => undefined };

/** Causes shown of one error; a chain may also be a circle. */
const MOST_CAUSES = 8;

/** What an error looks like in the log: its whole chain, which the caller never sees. */
export function errorFields(error: unknown, depth = 0): JsonObject {
  if (!(error instanceof Error) || depth > MOST_CAUSES) return { error: String(error) };
  return {
    error: error.stack ?? error.message,
    ...(error.cause !== undefined && { cause: errorFields(error.cause, depth + 1) }),
  };
}
