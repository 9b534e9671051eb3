import { StoreError } from '../../store-error.ts';
import type { SqliteDatabase } from './load-sqlite.ts';

/** "NSTR": tells our databases from everybody else's. */
const APPLICATION_ID = 0x4e535452;

/** Append only: entry n brings a database of schema n to schema n + 1. A released entry never changes. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE records(
     tenant TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, version INTEGER NOT NULL,
     PRIMARY KEY (tenant, kind, key)
   ) WITHOUT ROWID;
   CREATE TABLE revision(last INTEGER NOT NULL);
   INSERT INTO revision VALUES (0);
   CREATE TABLE events(
     tenant TEXT NOT NULL, stream TEXT NOT NULL, seq INTEGER NOT NULL, event_id TEXT NOT NULL, type TEXT NOT NULL,
     at TEXT NOT NULL, data TEXT NOT NULL,
     PRIMARY KEY (tenant, stream, seq)
   ) WITHOUT ROWID;
   CREATE UNIQUE INDEX events_by_id ON events(tenant, stream, event_id);`,
];

/** Brings the schema up to date. Runs inside the caller's transaction: half a migration must not stay behind. */
export function migrate(db: SqliteDatabase, file: string): void {
  const version = pragma(db, 'user_version');
  if (pragma(db, 'application_id') !== APPLICATION_ID && tables(db) > 0) {
    throw new StoreError('corrupt', `${file} is a database of another program: move it away, or use another folder.`);
  }
  if (version > MIGRATIONS.length) {
    throw new StoreError(
      'unavailable',
      `${file} was written by a newer northstar (schema ${version}, this one knows ${MIGRATIONS.length}): upgrade northstar.`,
    );
  }
  for (const step of MIGRATIONS.slice(version)) db.exec(step);
  // Written even when nothing changed: only a commit that writes takes the lock that keeps readers out as well.
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}`);
}

function pragma(db: SqliteDatabase, name: string): number {
  return (db.prepare(`SELECT ${name} AS value FROM pragma_${name}`).get() as { value: number }).value;
}

function tables(db: SqliteDatabase): number {
  return (db.prepare('SELECT count(*) AS n FROM sqlite_schema').get() as { n: number }).n;
}
