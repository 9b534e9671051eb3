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
  const told = MuscleError.is(thrown) ? muscleSource(thrown) : undefined;
  if (told !== undefined) return told;
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

const CODE = /^[a-z0-9_]+(\.[a-z0-9_]+)+$/;
/** Characters: most of what is longer is not meant for a reader. */
const MAX_MESSAGE = 4000;
const MAX_DETAILS = 64_000;

/**
 * What a muscle said about its failure, brought into the form that every envelope has. `undefined` when it cannot even
 * be read: the values come from a muscle at run time, whatever their types say.
 */
function muscleSource(error: MuscleError): EnvelopeSource | undefined {
  try {
    const { code, message, status, retryable } = error;
    return {
      code: CODE.test(String(code)) ? String(code) : 'muscle.reported_error',
      message: String(message).slice(0, MAX_MESSAGE),
      status: Number.isInteger(status) && status >= 400 && status <= 599 ? status : 500,
      retryable: retryable === true,
      details: jsonDetails(error.details),
    };
  } catch {
    return undefined;
  }
}

/** A copy that is JSON for sure: an answer that cannot be written would leave its caller waiting. */
function jsonDetails(details: unknown): EnvelopeSource['details'] {
  if (typeof details !== 'object' || details === null) return {};
  try {
    const text = JSON.stringify(details);
    return text.length > MAX_DETAILS ? {} : (JSON.parse(text) as EnvelopeSource['details']);
  } catch {
    return {};
  }
}
