import type { AppendEntry, Appended } from '../../event-spine.ts';

interface Waiting<Entry> {
  readonly entry: Entry;
  readonly bytes: number;
  resolve(appended: Appended): void;
  reject(error: unknown): void;
}

/** Redis does nothing else while a script runs, so one call stays small. */
const MAX_ENTRIES = 100;
const MAX_BYTES = 1024 * 1024;

/**
 * Appends of one turn of the event loop in one call of the script: a call costs more than an event. Only for entries
 * that expect no head, which can therefore not be refused, and take no neighbour along.
 */
export class AppendTurn<Entry extends AppendEntry> {
  readonly #append: (entries: readonly Entry[]) => Promise<readonly Appended[]>;
  #waiting: Waiting<Entry>[] = [];

  constructor(append: (entries: readonly Entry[]) => Promise<readonly Appended[]>) {
    this.#append = append;
  }

  /** @param bytes of the entry's JSON. */
  add(entry: Entry, bytes: number): Promise<Appended> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) queueMicrotask(() => this.#send());
      this.#waiting.push({ entry, bytes, resolve, reject });
    });
  }

  #send(): void {
    for (let rest = this.#waiting.splice(0); rest.length > 0;) {
      let bytes = 0;
      const full = rest.findIndex((waiting, i) => i > 0 && (i === MAX_ENTRIES || (bytes += waiting.bytes) > MAX_BYTES));
      const batch = rest.splice(0, full < 0 ? rest.length : full);
      void this.#append(batch.map(({ entry }) => entry)).then(
        (answers) => batch.forEach(({ resolve }, i) => resolve(answers[i]!)),
        (error: unknown) => batch.forEach(({ reject }) => reject(error)),
      );
    }
  }
}
