import type { HintBus } from './hint-bus.ts';

/** Hints within one process: all that the embedded engine needs, because nobody else can have its folder open. */
export class InProcessHints implements HintBus {
  readonly #wakes = new Map<string, Set<() => void>>();

  publish(topic: string): void {
    // A copy: who is woken may subscribe or leave.
    for (const wake of [...(this.#wakes.get(topic) ?? [])]) wake();
  }

  subscribe(topic: string, wake: () => void): () => void {
    const wakes = this.#wakes.get(topic) ?? new Set();
    this.#wakes.set(topic, wakes);
    // Wrapped: the same function may subscribe twice, and each leaves for itself.
    const entry = (): void => wake();
    wakes.add(entry);
    return () => {
      wakes.delete(entry);
      if (wakes.size === 0 && this.#wakes.get(topic) === wakes) this.#wakes.delete(topic);
    };
  }

  async close(): Promise<void> {
    this.#wakes.clear();
  }
}
