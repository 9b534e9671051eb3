import { errorFields, type Logger } from '../log/logger.ts';
import type { PolicyQuestion } from '../policy/gate.ts';

/** What calls leave to be done once they are answered: no caller waits for it, a shutdown does. */
export class Afterwork {
  readonly #logger: Logger;
  readonly #unfinished = new Set<Promise<void>>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Never rejects; a failure is logged under these words. */
  add({ action, context }: PolicyQuestion, failure: string, work: Promise<void>): void {
    const done = work
      .catch((error: unknown) =>
        this.#logger.log('error', failure, { action, request_id: context.requestId, ...errorFields(error) }),
      )
      .finally(() => this.#unfinished.delete(done));
    this.#unfinished.add(done);
  }

  /** Resolves once all of it is done. */
  async drain(): Promise<void> {
    await Promise.all(this.#unfinished);
  }
}
