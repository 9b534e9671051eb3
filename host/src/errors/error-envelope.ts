import type { Json } from '@northstar/sdk';

/** The body of every 4xx and 5xx, and `error.data` of every refused MCP call. */
export interface ErrorEnvelope {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly http_status: number;
    readonly gate?: string;
    readonly details: { readonly [key: string]: Json };
    readonly request_id: string;
    readonly retryable: boolean;
  };
}

/** What an envelope is made from; NorthstarError, and MuscleError of any copy of the SDK, both fit. */
export interface EnvelopeSource {
  readonly code: string;
  readonly message: string;
  readonly status: number;
  readonly retryable: boolean;
  readonly gate?: string | undefined;
  readonly details: { readonly [key: string]: Json };
}

export function errorEnvelope(source: EnvelopeSource, requestId: string): ErrorEnvelope {
  return {
    error: {
      code: source.code,
      message: withCode(source),
      http_status: source.status,
      ...(source.gate !== undefined && { gate: source.gate }),
      details: source.details,
      request_id: requestId,
      retryable: source.retryable,
    },
  };
}

/** Most clients show a model the message and nothing else, so the message names the code by itself. */
function withCode({ code, message }: EnvelopeSource): string {
  return message.startsWith(code) ? message : `${code}: ${message}`;
}
