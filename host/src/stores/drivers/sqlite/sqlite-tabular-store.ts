import type { Json } from '@northstar/sdk';
import { DEFAULT_PAGE } from '../../page-limit.ts';
import { StoreError } from '../../store-error.ts';
import type { Condition, ListQuery, Partition, TabularPage, TabularRecord, TabularStore } from '../../tabular-store.ts';
import { fromJsonText, toJsonText } from '../json-text.ts';
import type { GroupCommit } from './group-commit.ts';
import { fromListCursor, toListCursor } from '../list-cursor.ts';
import type { SqliteStatement } from './load-sqlite.ts';
import type { SqliteEngine } from './open-sqlite.ts';
import { MAX_ROW_LENGTH, type RowCache, type StoredRow as Row } from './row-cache.ts';
import { SQLITE_CAPS, SQLITE_LIMITS } from './sqlite-caps.ts';
import { guarded } from './sqlite-error.ts';
import { takePage } from './take-page.ts';

/** Records in SQLite. Expects keys that went through the key codec: ASCII, from `%` to `~`. */
export class SqliteTabularStore implements TabularStore {
  readonly caps = SQLITE_CAPS;
  readonly limits = SQLITE_LIMITS;
  readonly #commits: GroupCommit;
  readonly #rows: RowCache;
  readonly #select: SqliteStatement;
  readonly #range: SqliteStatement;
  readonly #nextRevision: SqliteStatement;
  readonly #upsert: SqliteStatement;
  readonly #remove: SqliteStatement;

  constructor(engine: SqliteEngine) {
    this.#commits = engine.commits;
    this.#rows = engine.rows;
    const where = 'WHERE tenant = ? AND kind = ?';
    this.#select = engine.prepare(`SELECT key, value AS json, version FROM records ${where} AND key = ?`);
    this.#range = engine.prepare(
      `SELECT key, value AS json, version FROM records ${where} AND key >= ? AND key < ? ORDER BY key LIMIT ?`,
    );
    this.#nextRevision = engine.prepare('UPDATE revision SET last = last + 1 RETURNING last');
    this.#upsert = engine.prepare(
      `INSERT INTO records (tenant, kind, key, value, version) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET value = excluded.value, version = excluded.version`,
    );
    this.#remove = engine.prepare(`DELETE FROM records ${where} AND key = ?`);
  }

  async get<T extends Json = Json>(at: Partition, key: string): Promise<TabularRecord<T> | undefined> {
    return guarded(`read record ${key}`, () => {
      const row = this.#rows.read(partitionName(at), key, () => this.#load(at, key));
      return row && toRecord<T>(row);
    });
  }

  async getMany(at: Partition, keys: readonly string[]): Promise<(TabularRecord | undefined)[]> {
    return guarded(`read records of ${at.kind}`, () => {
      const partition = partitionName(at);
      return keys.map((key) => {
        const row = this.#rows.read(partition, key, () => this.#load(at, key));
        if (row === undefined || row.json.length > MAX_ROW_LENGTH) return row && toRecord(row);
        return (row.shared ??= frozen(toRecord(row)));
      });
    });
  }

  async put(at: Partition, key: string, value: Json, condition?: Condition): Promise<{ version: string }> {
    const json = toJsonText(value, `record ${key}`);
    const ifVersion = condition?.ifVersion;
    return this.#commits.run(() => {
      this.#require(at, key, ifVersion);
      // One counter for the whole store, kept when records go: a record that is deleted and made again must not get
      // a version that somebody still holds.
      const { last } = this.#nextRevision.get() as { last: number };
      this.#rows.forget(partitionName(at), key);
      this.#upsert.run(at.tenantId, at.kind, key, json, last);
      return { version: toVersion(last) };
    });
  }

  async delete(at: Partition, key: string, condition?: Condition): Promise<boolean> {
    const ifVersion = condition?.ifVersion;
    return this.#commits.run(() => {
      this.#require(at, key, ifVersion);
      this.#rows.forget(partitionName(at), key);
      return Number(this.#remove.run(at.tenantId, at.kind, key).changes) > 0;
    });
  }

  async list<T extends Json = Json>(at: Partition, query: ListQuery = {}): Promise<TabularPage<T>> {
    const { prefix = '', limit = DEFAULT_PAGE, cursor } = query;
    // '!' sorts before and DEL after every character of an encoded key: "behind the cursor", "end of the prefix".
    const from = cursor === undefined ? prefix : `${fromListCursor(cursor, prefix)}!`;
    return guarded(`list records of ${at.kind}`, () => {
      const found = this.#range.iterate(at.tenantId, at.kind, from, `${prefix}\x7f`, limit + 1);
      const { rows, more } = takePage(found as Iterable<Row>, limit);
      const last = rows.at(-1);
      const items = rows.map((row) => toRecord<T>(row));
      return more && last ? { items, cursor: toListCursor(last.key) } : { items };
    });
  }

  #load(at: Partition, key: string): Row | undefined {
    return this.#select.get(at.tenantId, at.kind, key) as Row | undefined;
  }

  /** Reads and compares inside the transaction, where nobody can write in between. */
  #require(at: Partition, key: string, ifVersion: string | undefined): void {
    if (ifVersion === undefined) return;
    const row = this.#select.get(at.tenantId, at.kind, key) as Row | undefined;
    if (row ? toVersion(row.version) === ifVersion : ifVersion === 'absent') return;
    const state = row ? (ifVersion === 'absent' ? 'exists already' : 'has changed since') : 'does not exist';
    throw new StoreError('conflict', `Record ${key} of ${at.kind} ${state}: read it again and decide.`);
  }
}

/** Neither part can hold a line break: the key codec lets none through. */
function partitionName({ tenantId, kind }: Partition): string {
  return `${tenantId}\n${kind}`;
}

/** With a letter, so that nobody counts with it; never equal to "absent". */
function toVersion(revision: number): string {
  return `r${revision.toString(36)}`;
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}

function toRecord<T extends Json>({ key, json, version }: Row): TabularRecord<T> {
  return { key, value: fromJsonText<T>(json, `record ${key}`), version: toVersion(version) };
}
