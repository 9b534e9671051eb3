/** A record as it is stored. */
export interface StoredRow {
  readonly key: string;
  readonly json: string;
  readonly version: number;
}

/** Rows of one generation; at most two are kept. */
const MAX_ROWS = 8192;
/** Characters of JSON: what is larger costs more memory than the read that it saves. */
const MAX_ROW_LENGTH = 2048;

/**
 * Rows that were read, and keys that were found missing. Exact, not merely fresh: nobody else can have the database
 * open, reads never fall into the middle of a transaction, and each write forgets its row before it is committed or
 * undone. A call reads dozens of records that hardly ever change, and asking SQLite is most of what that costs.
 */
export class RowCache {
  #young = new Map<string, StoredRow | undefined>();
  #old = new Map<string, StoredRow | undefined>();

  /** The row of that name; `load` runs when it is not known, and what it throws is not kept. */
  read(name: string, load: () => StoredRow | undefined): StoredRow | undefined {
    const known = this.#young.get(name);
    if (known !== undefined || this.#young.has(name)) return known;
    const row = this.#old.has(name) ? this.#old.get(name) : load();
    if (row === undefined || row.json.length <= MAX_ROW_LENGTH) this.#keep(name, row);
    return row;
  }

  /** Must run inside every write of the row. */
  forget(name: string): void {
    this.#young.delete(name);
    this.#old.delete(name);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }

  /** What was not asked for during a whole generation goes with it. */
  #keep(name: string, row: StoredRow | undefined): void {
    if (this.#young.size >= MAX_ROWS) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(name, row);
  }
}
