import type { TabularRecord } from '../../tabular-store.ts';

/** A record as it is stored. */
export interface StoredRow {
  readonly key: string;
  readonly json: string;
  readonly version: number;
  /** Frozen all through, once somebody has asked for it. */
  shared?: TabularRecord;
}

/** Undefined: there is none with that key. */
type Row = StoredRow | undefined;
type Rows = Map<string, Row>;

/** Rows of one generation; at most two are kept. */
const MAX_ROWS = 8192;
/** Characters of JSON: what is larger costs more memory than the read that it saves. */
export const MAX_ROW_LENGTH = 2048;

/**
 * Rows that were read, and keys that were found missing. Exact, not merely fresh: nobody else can have the database
 * open, reads never fall into the middle of a transaction, and each write forgets its row before it is committed or
 * undone. A call reads dozens of records that hardly ever change, and asking SQLite is most of what that costs.
 */
export class RowCache {
  /** By partition, then key: joining both would cost more than the look-up. */
  #young = new Map<string, Rows>();
  #old = new Map<string, Rows>();
  #size = 0;

  /** The row of that key; `load` runs when it is not known, and what it throws is not kept. */
  read(partition: string, key: string, load: () => Row): Row {
    const rows = this.#young.get(partition);
    const known = rows?.get(key);
    if (known !== undefined || rows?.has(key)) return known;
    const before = this.#old.get(partition);
    const row = before?.has(key) ? before.get(key) : load();
    if (row === undefined || row.json.length <= MAX_ROW_LENGTH) this.#keep(partition, key, row);
    return row;
  }

  /** Must run inside every write of the row. */
  forget(partition: string, key: string): void {
    this.#young.get(partition)?.delete(key);
    this.#old.get(partition)?.delete(key);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }

  /** What was not asked for during a whole generation goes with it. */
  #keep(partition: string, key: string, row: Row): void {
    if (++this.#size > MAX_ROWS) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#size = 1;
    }
    let rows = this.#young.get(partition);
    if (rows === undefined) this.#young.set(partition, (rows = new Map()));
    rows.set(key, row);
  }
}
