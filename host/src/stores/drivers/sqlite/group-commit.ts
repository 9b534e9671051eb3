import { StoreError } from '../../store-error.ts';
import type { SqliteDatabase } from './load-sqlite.ts';
import { IOERR, sqliteCode, toStoreError } from './sqlite-error.ts';

interface Write {
  run(): unknown;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * All writes of one turn of the event loop in one transaction, answered after its commit. A commit costs one fsync
 * however many writes share it, so that 64 concurrent callers write an order of magnitude faster than one by one.
 */
export class GroupCommit {
  readonly #db: SqliteDatabase;
  #queue: Write[] = [];
  #closed = false;
  #epoch = 0;

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  /**
   * Changes with every transaction and with everything that is undone: for as long as it stays, what a write has read
   * or written is what the next one would read.
   */
  get epoch(): number {
    return this.#epoch;
  }

  /**
   * Queues one synchronous write. If it throws, it alone is undone; its neighbours in the transaction stay. It may be
   * run twice, the first time undone: it must change nothing but the database.
   */
  run<T>(write: () => T): Promise<T> {
    if (this.#closed)
      return Promise.reject(new StoreError('unavailable', 'SQLite could not write: the store is closed.'));
    return new Promise<T>((resolve, reject) => {
      if (this.#queue.length === 0) setImmediate(() => this.flush());
      this.#queue.push({ run: write, resolve: resolve as (value: unknown) => void, reject });
    });
  }

  /** Commits what is queued, now. */
  flush(): void {
    const batch = this.#queue;
    this.#queue = [];
    if (batch.length === 0) return;
    // Without savepoints first: each would make SQLite copy every page that the writes behind it touch. A write that
    // fails undoes all, and they are run again, guarded from each other.
    const settle =
      this.#commit(batch, (write) => this.#trust(write)) ?? this.#commit(batch, (write) => this.#guard(write));
    // Only here: a caller that has its answer must find the write on disk, and an answer cannot be taken back.
    for (const answer of settle ?? []) answer();
  }

  /** Commits what is queued and refuses what comes later. */
  close(): void {
    this.flush();
    this.#closed = true;
  }

  /** All of the batch in one transaction. Undefined: a trusted write failed among others, and nothing is written. */
  #commit(batch: readonly Write[], attempt: (write: Write) => () => void): (() => void)[] | undefined {
    let committing = false;
    this.#epoch += 1;
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      const settle = batch.map(attempt);
      committing = true;
      this.#db.exec('COMMIT');
      return settle;
    } catch (error) {
      this.#undo('ROLLBACK');
      if (error instanceof WriteFailed && batch.length > 1) return undefined;
      const failure = error instanceof WriteFailed ? toStoreError(error.cause, 'write') : batchError(error, committing);
      return batch.map((write) => () => write.reject(failure));
    }
  }

  #trust(write: Write): () => void {
    try {
      const value = write.run();
      return () => write.resolve(value);
    } catch (cause) {
      throw new WriteFailed(cause);
    }
  }

  #guard(write: Write): () => void {
    this.#db.exec('SAVEPOINT one_write');
    try {
      const value = write.run();
      this.#db.exec('RELEASE one_write');
      return () => write.resolve(value);
    } catch (error) {
      // Without its savepoint the transaction is gone, and with it the writes before this one: all of them fail.
      if (!this.#undo('ROLLBACK TO one_write; RELEASE one_write')) throw error;
      return () => write.reject(toStoreError(error, 'write'));
    }
  }

  /** False when there was nothing to undo: SQLite rolls back by itself when the disk is full, for one. */
  #undo(sql: string): boolean {
    this.#epoch += 1;
    try {
      this.#db.exec(sql);
      return true;
    } catch {
      return false;
    }
  }
}

/** One write of a batch failed, not the transaction around it. */
class WriteFailed {
  readonly cause: unknown;

  constructor(cause: unknown) {
    this.cause = cause;
  }
}

function batchError(error: unknown, committing: boolean): unknown {
  if (!committing || sqliteCode(error) !== IOERR) return toStoreError(error, 'write');
  // The commit record may have reached the disk before the failure: recovery after a crash would then apply it.
  return new StoreError('unknown_outcome', 'SQLite could not confirm a commit: read the record again.', {
    cause: error,
  });
}
