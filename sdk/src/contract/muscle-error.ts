import type { Json } from './json.ts';

const BRAND = Symbol.for('@northstar/sdk/muscle-error@1');

/** What a MuscleError says. */
export interface MuscleErrorOptions {
  /** Stable, lower-case, dotted: `media_v2.asset_not_found`. */
  readonly code: string;
  /** What happened and what to do next. Shown to the caller word for word, so no secrets. */
  readonly message: string;
  /** HTTP status, 400 to 599. Default 400. */
  readonly status?: number;
  /** Facts for programs, shown to the caller as well. */
  readonly details?: { readonly [key: string]: Json };
  /** Whether the same call may succeed later without changes. Default false. */
  readonly retryable?: boolean;
  /** The error behind it; goes to the host's log only. */
  readonly cause?: unknown;
}

/**
 * The one error whose message reaches the caller. Anything else a handler throws is masked as `internal` with a
 * reference id that the host's log has, because an error text often carries secrets.
 */
export class MuscleError extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: { readonly [key: string]: Json };
  readonly retryable: boolean;
  readonly [BRAND] = true;

  constructor(options: MuscleErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MuscleError';
    this.code = options.code;
    this.status = options.status ?? 400;
    this.details = options.details ?? {};
    this.retryable = options.retryable ?? false;
  }

  /** So that `instanceof MuscleError` holds across copies of this package as well. Subclasses judge as usual. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === MuscleError ? MuscleError.is(value) : Function.prototype[Symbol.hasInstance].call(this, value);
  }

  /** True for a MuscleError of any copy of this package: a muscle may have bundled its own. */
  static is(value: unknown): value is MuscleError {
    return typeof value === 'object' && value !== null && (value as { [BRAND]?: unknown })[BRAND] === true;
  }
}
