import { StoreError } from '../../store-error.ts';

export interface Step {
  /** `read record a`: what failed, for the message. */
  readonly doing: string;
  /** What an answer that never came means: nothing for a read, an unknown outcome for a write. */
  readonly writes?: boolean;
  /** Default that of the engine. */
  readonly timeoutMs?: number;
}

/** gRPC status codes. */
const ABORTED = 10;
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const PERMISSION_DENIED = 7;
const RESOURCE_EXHAUSTED = 8;
const FAILED_PRECONDITION = 9;
const UNAUTHENTICATED = 16;

/** Never reached the engine, or the engine said that it did nothing. */
const NOTHING_DONE: ReadonlySet<unknown> = new Set([
  INVALID_ARGUMENT,
  PERMISSION_DENIED,
  RESOURCE_EXHAUSTED,
  ABORTED,
  UNAUTHENTICATED,
]);

function grpcCode(error: unknown): number | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
}

/** Too much is going on, here or altogether; nothing was done, and it may be tried again. */
export function isRefusedForNow(error: unknown): boolean {
  const code = grpcCode(error);
  return code === ABORTED || code === RESOURCE_EXHAUSTED;
}

/** A precondition that did not hold. Only for writes: a query answers the same codes when an index is missing. */
export function isRefusedCondition(error: unknown): boolean {
  const code = grpcCode(error);
  return code === NOT_FOUND || code === ALREADY_EXISTS || code === FAILED_PRECONDITION;
}

/** What the client library threw, in the words of the port. An error that is a bug of ours stays what it is. */
export function toStoreError(error: unknown, step: Step): unknown {
  if (error instanceof StoreError || error instanceof RangeError || error instanceof TypeError) return error;
  const { message = '' } = error as Error;
  const code = grpcCode(error);
  if (code === undefined) return error;
  if (code === INVALID_ARGUMENT && /size|exceeds|larger|too big/i.test(message)) {
    return new StoreError('too_large', `Firestore could not ${step.doing}: it is too large.`, { cause: error });
  }
  if (code === PERMISSION_DENIED || code === UNAUTHENTICATED) {
    return failed(step, 'access is denied; check the credentials and roles of the host.', false, error);
  }
  const unsent = NOTHING_DONE.has(code) || /ECONNREFUSED|ENOTFOUND|No connection established/.test(message);
  return failed(step, `status ${code}. Look at the state of the service.`, step.writes === true && !unsent, error);
}

export function failed(step: Step, why: string, unknown: boolean, cause?: unknown): StoreError {
  const advice = unknown ? ' It may have been written: read again, or repeat with the same event id.' : '';
  const code = unknown ? 'unknown_outcome' : 'unavailable';
  return new StoreError(code, `Firestore could not ${step.doing}: ${why}${advice}`, { cause });
}
