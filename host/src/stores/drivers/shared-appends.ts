import type { Appended } from '../event-spine.ts';
import { refuseUnsent } from './refuse-unsent.ts';

interface Waiting<Entry> {
  readonly entry: Entry;
  readonly bytes: number;
  resolve(appended: Appended): void;
  reject(error: unknown): void;
}

export interface SharedLimits {
  readonly maxEntries: number;
  /** Of JSON. One entry alone may have more. */
  readonly maxBytes: number;
}

/**
 * Group commit on an engine that is far away: one commit of a stream is under way, what arrives meanwhile shares the
 * next one. Only for entries that expect no head: they cannot be refused, and so take no neighbour along. Those that a
 * silent engine leaves no room for are refused as `refuseUnsent` says.
 */
export class SharedAppends<Entry> {
  readonly #append: (entries: readonly Entry[]) => Promise<readonly Appended[]>;
  readonly #limits: SharedLimits;
  readonly #queues = new Map<string, Waiting<Entry>[]>();

  constructor(append: (entries: readonly Entry[]) => Promise<readonly Appended[]>, limits: SharedLimits) {
    this.#append = append;
    this.#limits = limits;
  }

  /** @param bytes of the entry's JSON. */
  add(stream: string, entry: Entry, bytes: number): Promise<Appended> {
    return new Promise((resolve, reject) => {
      const waiting = { entry, bytes, resolve, reject };
      const queue = this.#queues.get(stream);
      if (queue) queue.push(waiting);
      else {
        this.#queues.set(stream, [waiting]);
        // After this turn of the event loop: what it appends besides goes into the first commit.
        setImmediate(() => void this.#drain(stream));
      }
    });
  }

  async #drain(stream: string): Promise<void> {
    const queue = this.#queues.get(stream)!;
    while (queue.length > 0) {
      const batch = this.#take(queue);
      const behind = queue.length;
      const sentAt = performance.now();
      try {
        const answers = await this.#append(batch.map(({ entry }) => entry));
        batch.forEach(({ resolve }, i) => resolve(answers[i]!));
      } catch (error) {
        for (const { reject } of batch) reject(error);
        refuseUnsent({ error, sentAt }, queue, behind);
      }
    }
    this.#queues.delete(stream);
  }

  #take(queue: Waiting<Entry>[]): Waiting<Entry>[] {
    let sum = 0;
    const full = queue.findIndex(({ bytes }, i) => {
      sum += bytes;
      return i > 0 && (i === this.#limits.maxEntries || sum > this.#limits.maxBytes);
    });
    return queue.splice(0, full < 0 ? queue.length : full);
  }
}
