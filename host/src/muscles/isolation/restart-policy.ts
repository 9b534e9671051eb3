/** Milliseconds that failures are remembered, and that an opened circuit stays open. */
const WINDOW_MS = 60_000;
/** Failures within the window that open the circuit: further starts would only burn the processor. */
const MOST_FAILURES = 5;

export interface RestartPlan {
  /** Milliseconds to wait before the next start. */
  readonly waitMs: number;
  /** True when the circuit is open: calls are refused until that start. */
  readonly open: boolean;
}

/** When an isolate that ended may start again: at once, then after 100, 200, 400 ms, then a minute of rest. */
export class RestartPolicy {
  readonly #now: () => number;
  #failures: number[] = [];
  #openedAt = -Infinity;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  failed(): RestartPlan {
    const now = this.#now();
    this.#failures = [...this.#failures.filter((at) => now - at < WINDOW_MS), now];
    // The first start after a rest is a trial: one failure soon after it is enough to rest again.
    const onTrial = now - this.#openedAt < 2 * WINDOW_MS;
    if (onTrial || this.#failures.length >= MOST_FAILURES) {
      this.#openedAt = now;
      return { waitMs: WINDOW_MS, open: true };
    }
    const before = this.#failures.length - 1;
    return { waitMs: before === 0 ? 0 : 100 * 2 ** (before - 1), open: false };
  }
}
