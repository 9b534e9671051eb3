/** How a call ended for what was taken for it. `not_run`: the handler never started, so nothing was used up. */
export type HoldOutcome = 'succeeded' | 'failed' | 'not_run';

/** What was taken for one call. `end` is idempotent: the first outcome counts. */
export interface Hold {
  end(outcome: HoldOutcome): Promise<void>;
}

/** All that one call holds, ended together. What is added after the end is ended at once, in the same way. */
export class Holds implements Hold {
  readonly #held: Hold[] = [];
  #outcome: HoldOutcome | undefined;

  async add(hold: Hold): Promise<void> {
    if (this.#outcome !== undefined) return hold.end(this.#outcome);
    this.#held.push(hold);
  }

  /** Ends every one of them, whatever the others do; rejects when any of them could not be ended. */
  async end(outcome: HoldOutcome): Promise<void> {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    const ends = await Promise.allSettled(this.#held.map(async (hold) => hold.end(outcome)));
    const failures = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
    if (failures.length > 0) throw new AggregateError(failures, `${failures.length} holds were not ended`);
  }
}
