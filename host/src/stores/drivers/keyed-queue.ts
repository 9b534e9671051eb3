/**
 * Runs work of the same key one after another, in the order of the calls. Writers of one process would otherwise race
 * each other for the head of a stream, on an engine where every lost race costs a round trip.
 *
 * Take the deadline of the work before it is queued: behind a silent engine each one would otherwise wait for its own.
 */
export class KeyedQueue {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Waits for all that was queued under any of the keys. Registers at once, so that two calls never wait for each other. */
  run<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = Promise.all(keys.map((key) => this.#last.get(key)));
    const result = before.then(work);
    const settled = result.catch(() => {});
    for (const key of keys) {
      this.#last.set(key, settled);
      void settled.then(() => {
        if (this.#last.get(key) === settled) this.#last.delete(key);
      });
    }
    return result;
  }
}
