import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json } from '@northstar/sdk';
import { loadSqlite, type SqliteDatabase } from '../../../src/stores/drivers/sqlite/load-sqlite.ts';
import { openSqlite } from '../../../src/stores/drivers/sqlite/open-sqlite.ts';
import { SqliteEventSpine } from '../../../src/stores/drivers/sqlite/sqlite-event-spine.ts';
import { SqliteTabularStore } from '../../../src/stores/drivers/sqlite/sqlite-tabular-store.ts';
import { spineWithKeyCodec, tabularWithKeyCodec } from '../../../src/stores/with-key-codec.ts';
import { portSide, type EventSide, type RecordSide, type Rig } from '../store-side.ts';

const AT = ['t_bench', 'bench'] as const;
const STREAM = ['t_bench', 'bench/events'] as const;

/** The embedded engine, and the same SQLite by hand: prepared statements on a file with the same settings. */
export async function openSqliteRig(): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'northstar-bench-sqlite-'));
  const engine = await openSqlite(join(folder, 'port'));
  const tabular = tabularWithKeyCodec(new SqliteTabularStore(engine));
  const spine = spineWithKeyCodec(new SqliteEventSpine(engine));
  const { DatabaseSync } = await loadSqlite();
  const db = new DatabaseSync(join(folder, 'bare.db'));
  db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  db.exec(SCHEMA);
  return {
    port: portSide({ tabular, spine }),
    bare: { ...bareRecords(db), ...bareEvents(db) },
    bareDoes:
      'prepared statements in one transaction per write, WAL and synchronous=FULL, the same tables and the same ' +
      'counter for versions; 64 callers: their 64 inserts in one transaction, by hand',
    used: { port: async () => pagesOf(engine.db), bare: async () => pagesOf(db) },
    async close() {
      db.close();
      engine.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const SCHEMA = `
  CREATE TABLE records(tenant TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
    version INTEGER NOT NULL, PRIMARY KEY (tenant, kind, key)) WITHOUT ROWID;
  CREATE TABLE revision(last INTEGER NOT NULL);
  INSERT INTO revision VALUES (0);
  CREATE TABLE events(tenant TEXT NOT NULL, stream TEXT NOT NULL, seq INTEGER NOT NULL, event_id TEXT NOT NULL,
    type TEXT NOT NULL, at TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (tenant, stream, seq)) WITHOUT ROWID;
  CREATE UNIQUE INDEX events_by_id ON events(tenant, stream, event_id);`;

function bareRecords(db: SqliteDatabase): RecordSide {
  const select = db.prepare('SELECT key, value, version FROM records WHERE tenant = ? AND kind = ? AND key = ?');
  const next = db.prepare('UPDATE revision SET last = last + 1 RETURNING last');
  const upsert = db.prepare(
    `INSERT INTO records (tenant, kind, key, value, version) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET value = excluded.value, version = excluded.version`,
  );
  const write = (key: string, json: string, expected?: string): string =>
    inTransaction(db, () => {
      if (expected !== undefined) {
        const row = select.get(...AT, key) as { version: number } | undefined;
        if (String(row?.version) !== expected) throw new Error('conflict');
      }
      const { last } = next.get() as { last: number };
      upsert.run(...AT, key, json, last);
      return String(last);
    });
  return {
    put: async (key, value) => write(key, JSON.stringify(value)),
    create: async (key, value) => write(key, JSON.stringify(value)),
    compareAndSet: async (key, value, version) => write(key, JSON.stringify(value), version),
    async get(key) {
      const row = select.get(...AT, key) as { key: string; value: string; version: number };
      return { key: row.key, value: JSON.parse(row.value) as unknown, version: String(row.version) };
    },
  };
}

function bareEvents(db: SqliteDatabase): EventSide {
  const head = db.prepare('SELECT seq, at FROM events WHERE tenant = ? AND stream = ? ORDER BY seq DESC LIMIT 1');
  const insert = db.prepare(
    'INSERT INTO events (tenant, stream, seq, event_id, type, at, data) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const after = db.prepare(
    `SELECT seq, event_id AS eventId, type, at, data FROM events
     WHERE tenant = ? AND stream = ? AND seq > ? ORDER BY seq LIMIT 1000`,
  );
  const add = (batch: readonly Json[]): void => {
    // Once for the batch, as the port does it: within the transaction nobody else writes.
    const last = head.get(...STREAM) as { seq: number; at: string } | undefined;
    let seq = last?.seq ?? 0;
    const now = new Date().toISOString();
    const at = last && last.at > now ? last.at : now;
    for (const data of batch) {
      // As long as a UUID, and in order of time.
      const id = `${Date.now().toString(16)}-${randomUUID().slice(12)}`;
      insert.run(...STREAM, (seq += 1), id, 'bench.happened', at, JSON.stringify(data));
    }
  };
  const appendTogether = async (batch: readonly Json[]): Promise<void> => inTransaction(db, () => add(batch));
  return {
    append: (data) => appendTogether([data]),
    appendTogether,
    async replay() {
      let found = 0;
      for (let seq = 0; ;) {
        const rows = after.all(...STREAM, seq) as { seq: number; data: string }[];
        const events = rows.map(({ data, ...row }) => ({ ...row, data: JSON.parse(data) as unknown }));
        found += events.length;
        if (rows.length < 1000) return found;
        seq = rows.at(-1)!.seq;
      }
    },
  };
}

function inTransaction<T>(db: SqliteDatabase, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  const result = work();
  db.exec('COMMIT');
  return result;
}

function pagesOf(db: SqliteDatabase): number {
  const { bytes } = db
    .prepare('SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size')
    .get() as { bytes: number };
  return bytes;
}
