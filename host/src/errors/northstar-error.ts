import type { Json } from '@northstar/sdk';
import { ERROR_TABLE, type ErrorCode } from './error-table.ts';

export interface NorthstarErrorOptions {
  /** Name of the gate that denied, when one did. */
  readonly gate?: string;
  readonly details?: { readonly [key: string]: Json };
  readonly cause?: unknown;
}

/** One code per resource kind, all with the table's one row. */
export type MissingRoute = `${string}.missing_route`;

/** Whether something failed because nobody said which engine serves it. Its message says so, and is safe to show. */
export function isMissingRoute(error: unknown): error is NorthstarError & { readonly code: MissingRoute } {
  return error instanceof NorthstarError && error.code.endsWith('.missing_route');
}

/** The one error that the host throws on purpose: a code of the table, and a message that says what to do next. */
export class NorthstarError extends Error {
  readonly code: string;
  readonly status: number;
  readonly retryable: boolean;
  readonly gate: string | undefined;
  readonly details: { readonly [key: string]: Json };

  constructor(code: ErrorCode | MissingRoute, message: string, options: NorthstarErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'NorthstarError';
    this.code = code;
    const row = code.endsWith('.missing_route')
      ? ERROR_TABLE['<resource_kind>.missing_route']
      : ERROR_TABLE[code as ErrorCode];
    this.status = row.status;
    this.retryable = row.retryable;
    this.gate = options.gate;
    this.details = options.details ?? {};
  }
}
