/** The time that a gate has. */
export interface GateTime {
  /** Aborted when the answer is late: nobody will use it any more. */
  readonly signal: AbortSignal;
}

/** Makes its signal for whoever looks at it: hardly any gate does, every call asks them all, and signals are dear. */
export class GateDeadline implements GateTime {
  #controller: AbortController | undefined;
  #late = false;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#late) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  pass(): void {
    this.#late = true;
    this.#controller?.abort();
  }
}
