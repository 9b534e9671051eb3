let mint: (action: string) => Permit;

/**
 * Proof that policy allowed one call of one action. Only PolicyEngine mints permits, after the decision is recorded;
 * GuardedScope takes nothing else. The constructor is private and the state is `#private`, so no look-alike passes.
 */
export class Permit {
  readonly #action: string;
  #spent = false;

  private constructor(action: string) {
    this.#action = action;
  }

  static {
    mint = (action) => new Permit(action);
  }

  /** Uses the permit up. Throws when it was used before or was given for another action. */
  redeem(action: string): void {
    if (this.#action !== action) throw new Error(`a permit for ${this.#action} cannot run ${action}`);
    if (this.#spent) throw new Error(`the permit for ${action} was used before`);
    this.#spent = true;
  }
}

/** For PolicyEngine alone; the architecture test refuses any other importer. */
export function mintPermit(action: string): Permit {
  return mint(action);
}
