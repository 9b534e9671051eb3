import type { Isolation } from '@northstar/sdk';
import type { Logger } from '../../log/logger.ts';
import type { CarrierOptions, Ending, IsolateCarrier } from './isolate-carrier.ts';
import { IsolateLife } from './isolate-life.ts';
import { startProcess } from './process-carrier.ts';
import { SupervisedIsolate } from './supervised-isolate.ts';
import { startWorker } from './worker-carrier.ts';

export type IsolatedMode = Exclude<Isolation, 'inline'>;

export interface IsolatePoolOptions {
  readonly logger: Logger;
  /** MiB of JavaScript heap of one isolate. */
  readonly heapMb: number;
  /** The whole environment of an isolate. */
  readonly env: Readonly<Record<string, string>>;
}

/** Muscles in one isolate of a group; a larger group gets several. */
const MOST_IN_GROUP = 50;
/** Milliseconds after which a spare that was taken is replaced, so that it does not compete with who took it. */
const REFILL_MS = 250;
/** Characters of a muscle's output in one log entry. */
const MOST_OUTPUT = 2000;

const START: Record<IsolatedMode, (options: CarrierOptions) => IsolateCarrier> = {
  worker: startWorker,
  process: startProcess,
};

/** Starts isolates, shares them among muscles of one group, and keeps one of each kind in use warm. */
export class IsolatePool {
  readonly #options: IsolatePoolOptions;
  readonly #groups = new Map<string, SupervisedIsolate[]>();
  readonly #isolates = new Set<SupervisedIsolate>();
  readonly #spares = new Map<IsolatedMode, IsolateLife>();
  #closed = false;

  constructor(options: IsolatePoolOptions) {
    this.#options = options;
  }

  /** An isolate for one more muscle: of its group where one has room, else a new one. */
  place(mode: IsolatedMode, group?: string): SupervisedIsolate {
    for (const isolate of this.#isolates) if (isolate.closed) this.#isolates.delete(isolate);
    const key = `${mode} ${group}`;
    const shared = group === undefined ? [] : (this.#groups.get(key) ?? []).filter((isolate) => !isolate.closed);
    const roomy = shared.find((isolate) => isolate.promised < MOST_IN_GROUP);
    const isolate = roomy ?? this.#supervised(mode);
    isolate.promised++;
    if (group !== undefined && roomy === undefined) this.#groups.set(key, [...shared, isolate]);
    return isolate;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const spares = [...this.#spares.values()].map((life) => life.terminate('the host closed'));
    this.#spares.clear();
    await Promise.all([...spares, ...[...this.#isolates].map((isolate) => isolate.close())]);
  }

  #supervised(mode: IsolatedMode): SupervisedIsolate {
    const isolate = new SupervisedIsolate({
      mode,
      newLife: () => this.#take(mode),
      onFailure: (failure) => this.#logFailure(mode, failure),
    });
    this.#isolates.add(isolate);
    return isolate;
  }

  #take(mode: IsolatedMode): IsolateLife {
    const spare = this.#spares.get(mode);
    this.#spares.delete(mode);
    setTimeout(() => this.#refill(mode), REFILL_MS).unref();
    return spare ?? this.#start(mode);
  }

  #refill(mode: IsolatedMode): void {
    if (this.#closed || this.#spares.has(mode)) return;
    const life = this.#start(mode);
    this.#spares.set(mode, life);
    void life.ended.then(() => {
      if (this.#spares.get(mode) === life) this.#spares.delete(mode);
    });
  }

  #start(mode: IsolatedMode): IsolateLife {
    const { heapMb, env, logger } = this.#options;
    return new IsolateLife((onFrame) =>
      START[mode]({
        heapMb,
        env,
        onFrame,
        onOutput: (text) => logger.log('info', 'a muscle wrote to its console', { text: text.slice(0, MOST_OUTPUT) }),
      }),
    );
  }

  #logFailure(
    mode: IsolatedMode,
    { muscles, ending, waitMs, open }: { muscles: readonly string[]; ending: Ending; waitMs: number; open: boolean },
  ): void {
    this.#options.logger.log('error', 'an isolate ended', {
      isolation: mode,
      muscles: [...muscles],
      reason: ending.reason,
      ...(ending.detail !== undefined && { detail: ending.detail.slice(0, 4000) }),
      next_start_ms: waitMs,
      circuit: open ? 'open' : 'closed',
    });
  }
}
