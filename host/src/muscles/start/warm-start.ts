import { setTimeout as pause } from 'node:timers/promises';
import { errorFields, type Logger } from '../../log/logger.ts';
import { breathe } from '../breathe.ts';
import type { Candidate } from '../reload/admit.ts';
import type { LoadMemory, Memory } from './load-memory.ts';

export interface WarmStartParts {
  readonly memory: LoadMemory;
  readonly logger: Logger;
  /** Loads a muscle again, with nothing known of it. */
  readonly reload: (id: string) => Promise<unknown>;
}

/** Milliseconds that a start has to itself before what follows it begins. */
const REST_MS = 1000;

/**
 * What follows a start once everything serves, a little at a time. What is new is kept for the next start. Muscles that
 * were loaded by memory are converted after all, and one whose models turn out otherwise, because they depend on more
 * than its files, is loaded again.
 */
export class WarmStart {
  readonly #parts: WarmStartParts;
  readonly #closing = new AbortController();

  constructor(parts: WarmStartParts) {
    this.#parts = parts;
  }

  recall(found: { id: string; dir: string }): Memory | undefined {
    return this.#parts.memory.recall(found);
  }

  /** `loaded` is what the start has loaded. Resolves when all is done; never rejects. */
  async follow(loaded: readonly Candidate[]): Promise<void> {
    await this.#rest();
    await this.#keep(loaded.filter(({ remembered }) => !remembered));
    for (const { recheck, record } of loaded) {
      await breathe();
      if (this.#closing.signal.aborted) return;
      if (recheck?.() === false) await this.#loadAgain(record.id);
    }
  }

  /** What is new is still kept; nothing else is begun. */
  close(): void {
    this.#closing.abort();
  }

  #rest(): Promise<void> {
    const { signal } = this.#closing;
    return pause(REST_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }

  async #loadAgain(id: string): Promise<void> {
    this.#parts.logger.log('warn', 'models depend on more than the files of their muscle; it is loaded again', {
      muscle: id,
    });
    await this.#parts.reload(id);
  }

  async #keep(candidates: readonly Candidate[]): Promise<void> {
    const { memory, logger } = this.#parts;
    try {
      for (const { found, digest, files, learned } of candidates) {
        await breathe();
        if (learned) await memory.keep(found, { ...learned, digest, files });
      }
    } catch (error) {
      logger.log('warn', 'what was learned about the muscles cannot be kept; the next start will be no faster', {
        ...errorFields(error),
      });
    }
  }
}
