import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { StoreError } from '../../store-error.ts';
import { GroupCommit } from './group-commit.ts';
import { loadSqlite, type SqliteDatabase, type SqliteModule, type SqliteStatement } from './load-sqlite.ts';
import { RowCache } from './row-cache.ts';
import { migrate } from './schema.ts';
import { BUSY, guarded, sqliteCode, toStoreError } from './sqlite-error.ts';

const ATTEMPTS = 3;

export interface SqliteEngine {
  readonly db: SqliteDatabase;
  /** Prepares a statement; a damaged database shows here first. */
  prepare(sql: string): SqliteStatement;
  readonly commits: GroupCommit;
  /** Shared by every store on this database, so that a write through one is seen by all. */
  readonly rows: RowCache;
  /** Commits what is queued, moves the write-ahead log into the database and lets go of the lock. */
  close(): void;
}

/**
 * Opens `<dataDir>/northstar.db`, alone: as long as it is open, no other process can open it.
 *
 * The lock belongs to the process. Do not open the file by other means in the same process, not even to read it:
 * closing any handle of a file drops every lock that the process has on it. Not for network file systems.
 *
 * @throws StoreError `unavailable`: in use, not writable, disk full; `corrupt`: not a database, or not one of ours.
 */
export async function openSqlite(dataDir: string): Promise<SqliteEngine> {
  const folder = resolve(dataDir);
  await createFolder(folder);
  const sqlite = await loadSqlite();
  const file = join(folder, 'northstar.db');
  for (let attempt = 1; ; attempt += 1) {
    try {
      return engine(openLocked(sqlite, file));
    } catch (error) {
      if (sqliteCode(error) !== BUSY) throw toStoreError(error, `open ${file}`);
      if (attempt === ATTEMPTS) throw inUse(folder, error);
      // Two hosts that start in the same instant can refuse each other. Chance separates them: one gets through.
      await setTimeout(20 + Math.random() * 100);
    }
  }
}

function openLocked({ DatabaseSync }: SqliteModule, file: string): SqliteDatabase {
  const db = new DatabaseSync(file);
  try {
    lock(db, file);
    configure(db, file);
    return db;
  } catch (error) {
    letGo(db, 'ROLLBACK');
    throw error;
  }
}

/** Takes the lock that keeps a second host out, by a write: the pragma alone locks nothing. */
function lock(db: SqliteDatabase, file: string): void {
  // Before the first access, or write-ahead logging keeps using shared memory and lets others in.
  db.exec('PRAGMA locking_mode = EXCLUSIVE');
  // No waiting: it would stop the event loop, and a host that has the folder keeps it for as long as it runs.
  db.exec('PRAGMA busy_timeout = 0');
  db.exec('BEGIN IMMEDIATE');
  migrate(db, file);
  db.exec('COMMIT');
}

function configure(db: SqliteDatabase, file: string): void {
  const { journal_mode: mode } = db.prepare('PRAGMA journal_mode = WAL').get() as { journal_mode: string };
  if (mode !== 'wal')
    throw new StoreError('unavailable', `${file}: this file system has no write-ahead log (${mode}).`);
  // Said aloud because the default differs per binding; NORMAL would lose acknowledged writes on a power failure.
  db.exec('PRAGMA synchronous = FULL');
  db.exec('PRAGMA foreign_keys = ON');
  // One huge transaction would otherwise leave a huge log behind for as long as the host runs.
  db.exec('PRAGMA journal_size_limit = 67108864');
}

function engine(db: SqliteDatabase): SqliteEngine {
  const commits = new GroupCommit(db);
  const rows = new RowCache();
  let open = true;
  return {
    db,
    commits,
    rows,
    prepare: (sql) => guarded('prepare a statement', () => db.prepare(sql)),
    close() {
      if (!open) return;
      open = false;
      commits.close();
      rows.clear();
      // Leaving write-ahead logging moves the log into the database, and is what makes the lock releasable.
      letGo(db, 'PRAGMA journal_mode = DELETE');
    },
  };
}

/**
 * Closes after giving the lock up explicitly, by a read in the normal mode: with prepared statements that are not garbage-collected yet, a binding
 * keeps the closed connection, and with it the lock, so that this process could not open the folder again.
 */
function letGo(db: SqliteDatabase, leave: string): void {
  for (const sql of [leave, 'PRAGMA locking_mode = NORMAL', 'SELECT count(*) FROM sqlite_schema']) {
    try {
      db.exec(sql);
    } catch {
      // Nothing is lost: a log that stays beside the database is recovered at the next opening.
    }
  }
  db.close();
}

async function createFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code;
    throw new StoreError(
      'unavailable',
      `The data folder ${folder} cannot be created (${reason}): set NORTHSTAR_DATA_DIR to a folder that this user may write.`,
      { cause },
    );
  }
}

function inUse(folder: string, cause: unknown): StoreError {
  return new StoreError(
    'unavailable',
    `The data folder ${folder} is in use by another northstar process, or its northstar.db by a database tool: stop it or set NORTHSTAR_DATA_DIR to another folder.`,
    { cause },
  );
}
