/** The part of the `node:sqlite` API that the driver uses; typed here because Node 20 has no types for it. */
export type SqlValue = string | number | null;

export interface SqliteStatement {
  run(...values: SqlValue[]): { changes: number | bigint };
  get(...values: SqlValue[]): unknown;
  all(...values: SqlValue[]): unknown[];
  iterate(...values: SqlValue[]): IterableIterator<unknown>;
}

export interface SqliteDatabase {
  exec(sql: string): void;
  prepare(sql: string): SqliteStatement;
  close(): void;
}

export interface SqliteModule {
  DatabaseSync: new (file: string) => SqliteDatabase;
}

/**
 * SQLite as built into Node (22.13 and later), else the package with the same API. The package is imported only when
 * it is needed: its binary may be missing on a platform where the built-in one works.
 */
export async function loadSqlite(): Promise<SqliteModule> {
  const builtIn = process.getBuiltinModule('node:sqlite') as SqliteModule | undefined;
  return builtIn ?? (await import('@photostructure/sqlite'));
}
