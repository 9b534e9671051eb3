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
      out.write(`${JSON.stringify({ at: new Date().toISOString(), level, message, ...fields })}\n`);
    },
  };
}

export const silentLogger: Logger = { log: () => undefined };

/** What an error looks like in the log: its whole chain, which the caller never sees. */
export function errorFields(error: unknown): JsonObject {
  if (!(error instanceof Error)) return { error: String(error) };
  return {
    error: error.stack ?? error.message,
    ...(error.cause !== undefined && { cause: errorFields(error.cause) }),
  };
}
