/** What an engine promises beyond the port. Callers adapt to it, and the contract suites expect no more than it. */
export interface EngineCaps {
  /**
   * What an acknowledged write survives: `fsync` a power failure, `replicated` the loss of a machine, `process` only
   * the end of the process.
   */
  readonly durability: 'fsync' | 'replicated' | 'process';
  /** Whether several hosts may have it open at once. */
  readonly multiProcess: boolean;
  /** What the contract suites of this project ran against. */
  readonly verified: 'real' | 'emulator' | 'fake';
}

export interface SpineCaps extends EngineCaps {
  /** `appendAll` commits all of its entries or none. Otherwise it appends in order and stops at the first failure. */
  readonly atomicAppend: boolean;
  /** The engine brings hints of its own, so that a tail wakes up without polling. */
  readonly pushTail: boolean;
}

export interface EngineLimits {
  /** Bytes of JSON text in one record or event; bytes of one object. More is `too_large`. */
  readonly maxValueBytes: number;
  /** Bytes of UTF-8 in a key, an event id or a stream name, before they are encoded. */
  readonly maxKeyBytes: number;
}
