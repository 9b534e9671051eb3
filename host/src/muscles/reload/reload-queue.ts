interface Waiting {
  readonly done: Promise<void>;
  readonly finish: () => void;
}

/**
 * Runs work by key: never twice at once for one key, and only so many keys at once. Requests that come while work for
 * their key waits are one; requests that come while it runs share one further run, since what they are about may have
 * changed after the running one looked.
 */
export class ReloadQueue {
  readonly #atOnce: number;
  readonly #work: (key: string) => Promise<void>;
  readonly #waiting = new Map<string, Waiting>();
  readonly #running = new Map<string, Promise<void>>();

  /** `work` must not reject. */
  constructor(atOnce: number, work: (key: string) => Promise<void>) {
    this.#atOnce = atOnce;
    this.#work = work;
  }

  /** Resolves when a run that began after this request has ended. */
  request(key: string): Promise<void> {
    let waiting = this.#waiting.get(key);
    if (waiting === undefined) {
      let finish!: () => void;
      const done = new Promise<void>((resolve) => (finish = resolve));
      waiting = { done, finish };
      this.#waiting.set(key, waiting);
      this.#next();
    }
    return waiting.done;
  }

  /** Resolves once nothing waits and nothing runs. */
  async idle(): Promise<void> {
    while (this.#running.size + this.#waiting.size > 0)
      await Promise.all([...this.#running.values(), ...[...this.#waiting.values()].map(({ done }) => done)]);
  }

  #next(): void {
    for (const [key, { finish }] of this.#waiting) {
      if (this.#running.size >= this.#atOnce) return;
      if (this.#running.has(key)) continue;
      this.#waiting.delete(key);
      const run = this.#work(key).finally(() => {
        this.#running.delete(key);
        finish();
        this.#next();
      });
      this.#running.set(key, run);
    }
  }
}
