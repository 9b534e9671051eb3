import { DEFAULT_TIMEOUT_MS, MAX_TIMEOUT_MS } from '../contract/spec.ts';
import type { FieldReader } from './field-reader.ts';

/** Milliseconds, a whole number from 1 to the longest a host waits. */
export function readTimeout(fields: FieldReader, what: string): number {
  const timeout = fields.number('timeout_ms') ?? DEFAULT_TIMEOUT_MS;
  if (!Number.isInteger(timeout) || timeout < 1 || timeout > MAX_TIMEOUT_MS) {
    const message = `${what} has timeout_ms: ${timeout}, which must be a whole number of milliseconds from 1 to ${MAX_TIMEOUT_MS}.`;
    fields.context.findings.error('spec.timeout_out_of_range', fields.at('timeout_ms'), message);
  }
  return timeout;
}
