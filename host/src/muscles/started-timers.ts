import { AsyncLocalStorage, createHook } from 'node:async_hooks';

const recording = new AsyncLocalStorage<StartedTimers>();
const hook = createHook({
  init(_id, type, _trigger, resource) {
    if (type === 'Timeout') recording.getStore()?.add(resource as NodeJS.Timeout);
  },
});
let recordings = 0;

/**
 * Timers that a muscle's code starts while it is imported and set up. One that nobody clears would run on after a
 * reload, beside that of the next version, and keep all of its version in memory.
 */
export class StartedTimers {
  readonly #timers = new Set<WeakRef<NodeJS.Timeout>>();

  /** Runs work, and remembers the timers that it starts, also after it has waited for something. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    if (recordings++ === 0) hook.enable();
    try {
      return await recording.run(this, work);
    } finally {
      if (--recordings === 0) {
        // While either is on, every promise of the process is slower.
        hook.disable();
        recording.disable();
      }
    }
  }

  add(timer: NodeJS.Timeout): void {
    this.#timers.add(new WeakRef(timer));
  }

  /** Those that have run or were cleared are not harmed. */
  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer.deref());
    this.#timers.clear();
  }
}
