import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { expectCode } from '../../contract/contract-kit.ts';
import { tempFolder, type TempFolder } from '../../contract/temp-folder.ts';
import { loadSqlite } from './load-sqlite.ts';
import { openSqlite } from './open-sqlite.ts';
import { SqliteTabularStore } from './sqlite-tabular-store.ts';

let folder: TempFolder;
const at = { tenantId: 't_a', kind: 'notes' };

beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(() => folder.remove());

it('[STORE-01] syncs every commit to a write-ahead log', async () => {
  const { db, close } = await openSqlite(folder.path);
  const pragma = (name: string) => Object.values(db.prepare(`PRAGMA ${name}`).get() as object)[0];
  expect(pragma('journal_mode')).toBe('wal');
  expect(pragma('synchronous')).toBe(2);
  expect(pragma('locking_mode')).toBe('exclusive');
  expect(pragma('foreign_keys')).toBe(1);
  close();
});

it('keeps records and versions over a restart, in one file once closed', async () => {
  for (let i = 0; i < 3; i++) {
    const engine = await openSqlite(join(folder.path, 'new', 'data'));
    const store = new SqliteTabularStore(engine);
    const versions = (await store.list(at)).items.map(({ version }) => version);
    expect(versions).toHaveLength(i);
    expect(versions).not.toContain((await store.put(at, `k${i}`, i)).version);
    engine.close();
    expect(await readdir(join(folder.path, 'new', 'data'))).toEqual(['northstar.db']);
  }
});

it('[STORE-04] refuses a folder that is open already, and takes it once it is free', async () => {
  const first = await openSqlite(folder.path);
  new SqliteTabularStore(first);
  const { message } = await expectCode('unavailable', openSqlite(folder.path));
  expect(message).toContain(`data folder ${folder.path} is in use by another northstar process`);
  expect(message).toContain('NORTHSTAR_DATA_DIR');
  await new SqliteTabularStore(first).put(at, 'still', 'mine');
  first.close();
  (await openSqlite(folder.path)).close();
});

it('refuses a file that is not a database, and leaves it alone', async () => {
  const file = join(folder.path, 'northstar.db');
  for (const content of ['not a database '.repeat(1000), `SQLite format 3\0${'x'.repeat(8000)}`]) {
    await writeFile(file, content);
    const { message } = await expectCode('corrupt', openSqlite(folder.path));
    expect(message).toContain(file);
    expect(await readFile(file, 'utf8')).toBe(content);
  }
});

it('reports damaged pages as corrupt', async () => {
  const engine = await openSqlite(folder.path);
  const store = new SqliteTabularStore(engine);
  await Promise.all(Array.from({ length: 500 }, (_, i) => store.put(at, `key-${i}`, 'v'.repeat(300))));
  engine.close();
  const file = join(folder.path, 'northstar.db');
  const bytes = await readFile(file);
  // Page 1 is the schema; noise in all the others.
  await writeFile(file, bytes.fill(0x5a, 4096));
  const list = async (): Promise<unknown> => {
    const damaged = await openSqlite(folder.path);
    try {
      return await new SqliteTabularStore(damaged).list(at);
    } finally {
      damaged.close();
    }
  };
  expect((await expectCode('corrupt', list())).message).toContain('restore a backup');
});

it('refuses the database of another program, and one of a newer northstar', async () => {
  const { DatabaseSync } = await loadSqlite();
  const write = (sql: string) => {
    const db = new DatabaseSync(join(folder.path, 'northstar.db'));
    db.exec(sql);
    db.close();
  };
  write('CREATE TABLE invoices(id)');
  expect((await expectCode('corrupt', openSqlite(folder.path))).message).toContain('another program');
  write('DROP TABLE invoices');
  (await openSqlite(folder.path)).close();
  write('PRAGMA user_version = 99');
  expect((await expectCode('unavailable', openSqlite(folder.path))).message).toContain('newer northstar (schema 99');
});

it('explains a folder that cannot be created and a database that cannot be opened', async () => {
  const file = join(folder.path, 'file');
  await writeFile(file, '');
  const { message } = await expectCode('unavailable', openSqlite(join(file, 'data')));
  expect(message).toContain(`${join(file, 'data')} cannot be created (ENOTDIR)`);
  expect((await expectCode('unavailable', openSqlite(file))).message).toContain('NORTHSTAR_DATA_DIR');
  await mkdir(join(folder.path, 'northstar.db'));
  expect((await expectCode('unavailable', openSqlite(folder.path))).message).toContain('cannot be opened');
});

it('explains a read-only folder', async () => {
  (await openSqlite(folder.path)).close();
  await chmod(join(folder.path, 'northstar.db'), 0o444);
  await chmod(folder.path, 0o555);
  try {
    const { message } = await asNobody(() => expectCode('unavailable', openSqlite(folder.path)));
    expect(message).toContain('permission');
  } finally {
    await chmod(folder.path, 0o755);
  }
});

/** Permissions do not stop root: as root, the work is done as a user without any. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid!(65534);
  try {
    return await work();
  } finally {
    if (root) process.seteuid!(0);
  }
}
