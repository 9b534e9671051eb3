import { failed, toStoreError, type Step } from './firestore-error.ts';

/**
 * The calls to the client library. It repeats by itself what the engine refused as too much or did not answer, for up
 * to ten minutes, and has no way to stop it: a call that takes longer than its time is given up all the same.
 */
export class FirestoreCalls {
  readonly timeoutMs: number;
  readonly #pending = new Set<Promise<unknown>>();
  #closed = false;

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
  }

  /** Runs one step, its errors in the words of the port. */
  async run<T>(step: Step, work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw failed(step, 'the store is closed.', false);
    const { timeoutMs = this.timeoutMs } = step;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const why = `no answer within ${Math.ceil(timeoutMs)} ms.`;
      timer = setTimeout(() => reject(failed(step, why, step.writes === true)), timeoutMs);
    });
    try {
      return await Promise.race([this.#tracked(work()), late]);
    } catch (error) {
      throw toStoreError(error, step);
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Refuses further calls, and runs `terminate` when those under way have ended. Waits for it only when none is: the
   * library, closed while it repeats a call, hangs and then rejects a promise that nobody can handle.
   */
  async close(terminate: () => Promise<unknown>): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const idle = this.#pending.size === 0;
    const ended = Promise.allSettled(this.#pending).then(terminate);
    if (idle) await ended;
    else ended.catch(() => {});
  }

  #tracked<T>(work: Promise<T>): Promise<T> {
    this.#pending.add(work);
    const done = (): void => void this.#pending.delete(work);
    work.then(done, done);
    return work;
  }
}
