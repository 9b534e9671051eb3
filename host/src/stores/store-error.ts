export type StoreErrorCode =
  /** A condition did not hold. Drivers never retry it: the caller re-reads and decides. */
  | 'conflict'
  /** Above the driver's limits; permanent. */
  | 'too_large'
  /** A key, tenant or stream name that the codec refuses before any driver sees it. */
  | 'invalid_key'
  /** A cursor that this stream never gave out, or no longer remembers. */
  | 'cursor_invalid'
  /** Not reachable, out of space, locked by another process: nothing was written. */
  | 'unavailable'
  /** The write may or may not have happened; re-read, or repeat with the same event id. */
  | 'unknown_outcome'
  /** What is on disk is not what was written. */
  | 'corrupt';

/**
 * What every store and driver throws. The message says which engine, which record, and what to do. Only a mistake of
 * the calling code is something else: RangeError for a limit or range that cannot be, TypeError for a value that is
 * not JSON or a body that does not yield bytes.
 */
export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.code = code;
  }
}
