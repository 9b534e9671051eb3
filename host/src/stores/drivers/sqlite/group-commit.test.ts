import { afterEach, beforeEach, expect, it } from 'vitest';
import { expectCode } from '../../contract/contract-kit.ts';
import { tempFolder, type TempFolder } from '../../contract/temp-folder.ts';
import { StoreError } from '../../store-error.ts';
import { GroupCommit } from './group-commit.ts';
import type { SqliteDatabase } from './load-sqlite.ts';
import { openSqlite, type SqliteEngine } from './open-sqlite.ts';
import { SqliteEventSpine } from './sqlite-event-spine.ts';
import { SqliteTabularStore } from './sqlite-tabular-store.ts';

let folder: TempFolder;
let engine: SqliteEngine;
const at = { tenantId: 't_a', kind: 'notes' };

beforeEach(async () => {
  folder = await tempFolder();
  engine = await openSqlite(folder.path);
  engine.db.exec('CREATE TABLE n(value INTEGER PRIMARY KEY)');
});
afterEach(async () => {
  engine.close();
  await folder.remove();
});

const insert = (value: number) => () => engine.db.exec(`INSERT INTO n VALUES (${value})`);
const stored = (): unknown[] => {
  const rows = engine.db.prepare('SELECT value FROM n ORDER BY value').all() as { value: number }[];
  return rows.map(({ value }) => value);
};

it('commits the writes of one turn together, and answers after the commit', async () => {
  const statements: string[] = [];
  const spied = { ...engine.db, exec: (sql: string) => (statements.push(sql), engine.db.exec(sql)) } as SqliteDatabase;
  const commits = new GroupCommit(spied);
  const answers = [1, 2, 3].map((n) => commits.run(insert(n)).then(() => statements.at(-1)));
  expect(await Promise.all(answers)).toEqual(['COMMIT', 'COMMIT', 'COMMIT']);
  expect(statements.filter((sql) => sql === 'COMMIT')).toHaveLength(1);
});

it('undoes the write that fails, wholly, and only that one', async () => {
  const results = await Promise.allSettled([
    engine.commits.run(insert(1)),
    engine.commits.run(() => {
      insert(2)();
      throw new StoreError('conflict', 'no');
    }),
    engine.commits.run(() => (insert(3)(), insert(1)())),
    engine.commits.run(insert(4)),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
  expect(stored()).toEqual([1, 4]);
});

it('[STORE-01] refuses all writes of a turn when the disk is full, and works again when there is room', async () => {
  const store = new SqliteTabularStore(engine);
  const spine = new SqliteEventSpine(engine);
  await store.put(at, 'before', 1);
  engine.db.exec('PRAGMA max_page_count = 40');
  const writes = [
    store.put(at, 'small', 1),
    spine.append({ tenantId: 't_a', stream: 's' }, { type: 't', data: 1 }),
    store.put(at, 'large', 'x'.repeat(1_000_000)),
  ];
  for (const write of writes) {
    expect((await expectCode('unavailable', write)).message).toContain('the disk is full');
  }
  expect(await store.get(at, 'small')).toBeUndefined();
  engine.db.exec('PRAGMA max_page_count = 1000000');
  await store.put(at, 'large', 'x'.repeat(1_000_000));
  expect((await store.list(at)).items.map(({ key }) => key)).toEqual(['before', 'large']);
  expect((await spine.read({ tenantId: 't_a', stream: 's' })).events).toEqual([]);
});

it('says that the outcome is unknown when the commit itself fails on the disk', async () => {
  const ioError = Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR', errcode: 10 | (4 << 8) });
  const failOn = (failing: string): SqliteDatabase => ({
    ...engine.db,
    exec(sql) {
      if (sql === failing) throw ioError;
      engine.db.exec(sql);
    },
  });
  await expectCode('unknown_outcome', new GroupCommit(failOn('COMMIT')).run(insert(1)));
  await expectCode('unavailable', new GroupCommit(failOn('BEGIN IMMEDIATE')).run(insert(1)));
  expect(stored()).toEqual([]);
});

it('[STORE-01] writes what is queued when it is closed, and refuses what comes later', async () => {
  const store = new SqliteTabularStore(engine);
  const queued = store.put(at, 'a', 1);
  engine.close();
  engine.close();
  const { version } = await queued;
  await expectCode('unavailable', store.put(at, 'b', 1));
  await expectCode('unavailable', store.get(at, 'a'));
  engine = await openSqlite(folder.path);
  expect(await new SqliteTabularStore(engine).get(at, 'a')).toEqual({ key: 'a', value: 1, version });
});
