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

/** Before this release Node's own SQLite is missing or experimental, and warns on stderr at every start. */
const BUILT_IN_SINCE = 24;

/**
 * SQLite as built into Node 24 and later, else the package with the same API. The package is imported only when it is
 * needed: its binary may be missing on a platform where the built-in one works.
 */
export async function loadSqlite(): Promise<SqliteModule> {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < BUILT_IN_SINCE) return import('@photostructure/sqlite');
  return process.getBuiltinModule('node:sqlite') as unknown as SqliteModule;
}
