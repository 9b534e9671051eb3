import { MuscleError } from '@northstar/sdk';
import { StoreError, type StoreErrorCode } from '../stores/store-error.ts';
import type { EnvelopeSource } from './error-envelope.ts';
import type { ErrorCode } from './error-table.ts';
import { NorthstarError } from './northstar-error.ts';

const STORE_CODES: Record<StoreErrorCode, ErrorCode> = {
  conflict: 'version.conflict',
  too_large: 'payload.too_large',
  invalid_key: 'key.invalid',
  cursor_invalid: 'cursor.invalid',
  unavailable: 'store.unavailable',
  unknown_outcome: 'store.unknown_outcome',
  corrupt: 'internal',
};

/** Reasons whose text is about the caller's own input and therefore safe to show; the others may name files. */
const SHOWN: ReadonlySet<StoreErrorCode> = new Set(['conflict', 'too_large', 'invalid_key', 'cursor_invalid']);

/**
 * Turns whatever was thrown into what the caller may see. An unknown error is masked, because its text can hold a
 * connection string or a path; `onMasked` gets the original for the log.
 */
export function toEnvelopeSource(
  thrown: unknown,
  requestId: string,
  onMasked: (original: unknown) => void = () => undefined,
): EnvelopeSource {
  if (thrown instanceof NorthstarError) return thrown;
  if (MuscleError.is(thrown)) return muscleSource(thrown);
  if (thrown instanceof StoreError && thrown.code !== 'corrupt') {
    if (SHOWN.has(thrown.code)) return new NorthstarError(STORE_CODES[thrown.code], thrown.message);
    onMasked(thrown);
    return new NorthstarError(
      STORE_CODES[thrown.code],
      `A store did not answer; the log has it as ${requestId}. Try again.`,
    );
  }
  onMasked(thrown);
  return new NorthstarError('internal', `Something went wrong inside the host; quote ${requestId} to its operator.`);
}

function muscleSource(error: MuscleError): EnvelopeSource {
  const status = Number.isInteger(error.status) && error.status >= 400 && error.status <= 599 ? error.status : 500;
  return {
    code: String(error.code),
    message: String(error.message),
    status,
    retryable: error.retryable === true,
    details: typeof error.details === 'object' && error.details !== null ? error.details : {},
  };
}
