export interface QuietBatchOptions {
  /** Milliseconds without a further item after which the batch runs. */
  readonly quietMs: number;
  /** Milliseconds after which it runs even if items keep coming. */
  readonly mostMs: number;
  readonly run: (items: ReadonlySet<string>) => void;
}

/** Gathers what comes in a burst, such as the events of one save or one `git checkout`, and hands it on in one go. */
export class QuietBatch {
  readonly #options: QuietBatchOptions;
  #items = new Set<string>();
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: QuietBatchOptions) {
    this.#options = options;
  }

  add(item: string): void {
    const { quietMs, mostMs } = this.#options;
    const now = performance.now();
    if (this.#items.size === 0) this.#since = now;
    this.#items.add(item);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#flush(), Math.max(0, Math.min(quietMs, this.#since + mostMs - now)));
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#items = new Set();
  }

  #flush(): void {
    const items = this.#items;
    this.#items = new Set();
    this.#options.run(items);
  }
}
