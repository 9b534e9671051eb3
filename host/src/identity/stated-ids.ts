import type { IncomingHttpHeaders } from 'node:http';
import { ID_PATTERN, readTraceparent } from './identity-fields.ts';

/** The ids of a request that was refused before its headers were checked: those that are well-formed, and no others. */
export function statedIds(headers: IncomingHttpHeaders): {
  readonly runId?: string | undefined;
  readonly stepId?: string | undefined;
  readonly traceparent?: string | undefined;
} {
  const id = (name: string): string | undefined => {
    const value = headers[name];
    return typeof value === 'string' && ID_PATTERN.test(value) ? value : undefined;
  };
  const { traceparent } = headers;
  return {
    runId: id('x-run-id'),
    stepId: id('x-step-id'),
    traceparent: readTraceparent(typeof traceparent === 'string' ? traceparent : undefined),
  };
}
