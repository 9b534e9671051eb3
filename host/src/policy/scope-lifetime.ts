import type { NorthstarError } from '../errors/northstar-error.ts';

/** One call's hold on the version of a muscle that it started on. */
export interface Stay {
  /** Called once, at once if it is too late already, when the version must end although this call still runs. */
  onEnd(tell: (error: NorthstarError) => void): void;
  /** Counts the call out; more than once does no harm. */
  leave(): void;
}

/** The version that a scope belongs to, as far as running the scope needs to know it. */
export interface ScopeLifetime {
  /**
   * Counts a call in. Must happen in the tick in which the scope was looked up: a swap in between would let the call
   * start on code that is being disposed. Throws a NorthstarError when the version is gone.
   */
  enter(): Stay;
}

/** For scopes whose code is never replaced. */
export const ENDLESS: ScopeLifetime = { enter: () => ({ onEnd: () => undefined, leave: () => undefined }) };
