import { StoreError } from '../../store-error.ts';

/** Primary result codes of SQLite; the extended code carries them in its low byte. */
export const BUSY = 5;
export const IOERR = 10;
const READONLY = 8;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

/** For errors without a code: one binding drops it from errors of `all` and `iterate`. */
const BY_MESSAGE: Readonly<Record<string, number>> = {
  'database is locked': BUSY,
  'attempt to write a readonly database': READONLY,
  'disk I/O error': IOERR,
  'database disk image is malformed': CORRUPT,
  'database or disk is full': FULL,
  'unable to open database file': CANTOPEN,
  'file is not a database': NOTADB,
};

/** SQLite's primary result code, 1 when it is not known, or undefined for an error that is not SQLite's. */
export function sqliteCode(error: unknown): number | undefined {
  const { code, errcode, message } = error as { code?: unknown; errcode?: unknown; message: string };
  if (code !== 'ERR_SQLITE_ERROR') return undefined;
  return typeof errcode === 'number' ? errcode & 0xff : (BY_MESSAGE[message] ?? 1);
}

/** What the engine threw, in the words of the port. An error that is a bug of ours stays what it is. */
export function toStoreError(error: unknown, doing: string): unknown {
  if (error instanceof StoreError) return error;
  const cause = { cause: error };
  if ((error as { code?: unknown }).code === 'ERR_INVALID_STATE') {
    return new StoreError('unavailable', `SQLite could not ${doing}: the store is closed.`, cause);
  }
  const code = sqliteCode(error);
  if (code === undefined) return error;
  const advice = ADVICE[code] ?? (error as Error).message;
  const damaged = code === CORRUPT || code === NOTADB;
  return new StoreError(damaged ? 'corrupt' : 'unavailable', `SQLite could not ${doing}: ${advice}`, cause);
}

const ADVICE: Readonly<Record<number, string>> = {
  [BUSY]: 'another process has locked the database.',
  [READONLY]: 'the database is read-only. Give this user write permission on the folder and the file.',
  [IOERR]: 'the disk reported an input/output error. Look into the system log.',
  [CORRUPT]: 'the database is damaged. Stop the host and restore a backup.',
  [FULL]: 'the disk is full. Nothing was written; free some space and repeat.',
  [CANTOPEN]: 'the database file cannot be opened. Check the path and its permissions.',
  [NOTADB]: 'the file is not a SQLite database. Move it away, or restore a backup.',
};

/** Runs a read, its errors in the words of the port. */
export function guarded<T>(doing: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw toStoreError(error, doing);
  }
}
