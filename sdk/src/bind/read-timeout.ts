import {
  DEFAULT_JOB_TIMEOUT_MS,
  DEFAULT_TIMEOUT_MS,
  MAX_JOB_TIMEOUT_MS,
  MAX_TIMEOUT_MS,
  type ScopeKind,
} from '../contract/spec.ts';
import type { FieldReader } from './field-reader.ts';

/** Milliseconds, a whole number from 1 to the longest a host waits; a job may take longer than a caller would. */
export function readTimeout(fields: FieldReader, what: string, kind: ScopeKind = 'unary'): number {
  const [usual, most] =
    kind === 'job' ? [DEFAULT_JOB_TIMEOUT_MS, MAX_JOB_TIMEOUT_MS] : [DEFAULT_TIMEOUT_MS, MAX_TIMEOUT_MS];
  const timeout = fields.number('timeout_ms') ?? usual;
  if (!Number.isInteger(timeout) || timeout < 1 || timeout > most) {
    const message = `${what} has timeout_ms: ${timeout}, which must be a whole number of milliseconds from 1 to ${most}.`;
    fields.context.findings.error('spec.timeout_out_of_range', fields.at('timeout_ms'), message);
  }
  return timeout;
}
