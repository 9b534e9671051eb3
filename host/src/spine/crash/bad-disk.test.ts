import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RequestContextBuilder } from '../../identity/request-context-builder.ts';
import { allEvents } from '../../stores/contract/contract-kit.ts';
import { tempFolder, type TempFolder } from '../../stores/contract/temp-folder.ts';
import { openSqlite, type SqliteEngine } from '../../stores/drivers/sqlite/open-sqlite.ts';
import { SqliteEventSpine } from '../../stores/drivers/sqlite/sqlite-event-spine.ts';
import { SqliteTabularStore } from '../../stores/drivers/sqlite/sqlite-tabular-store.ts';
import { openEmbeddedStores } from '../../stores/open-embedded-stores.ts';
import { spineWithKeyCodec, tabularWithKeyCodec } from '../../stores/with-key-codec.ts';
import { DecisionLog } from '../decision-log.ts';
import { auditStream } from '../audit-record.ts';
import { verifyAudit } from '../verify-audit.ts';
import type { Acknowledged } from './crash-writer.ts';

let folder: TempFolder;
const context = new RequestContextBuilder().fromEnvironment({}, 'cli');
const { tenantId } = context;
const facts = (action: string) => ({
  context,
  action,
  toolId: 'demo',
  effects: 'read' as const,
  toolDigest: '',
  argumentDigest: '',
});

beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(() => folder.remove());

function storesOn(engine: SqliteEngine) {
  return {
    spine: spineWithKeyCodec(new SqliteEventSpine(engine)),
    tabular: tabularWithKeyCodec(new SqliteTabularStore(engine)),
  };
}

it.each([
  {
    what: 'full',
    fail: 'PRAGMA max_page_count = 1',
    heal: 'PRAGMA max_page_count = 1000000',
    says: 'the disk is full',
  },
  { what: 'read-only', fail: 'PRAGMA query_only = ON', heal: 'PRAGMA query_only = OFF', says: 'read-only' },
])(
  '[AUDIT-02] refuses decisions on a $what disk, keeps the chain and goes on afterwards',
  async ({ fail, heal, says }) => {
    const engine = await openSqlite(folder.path);
    const stores = storesOn(engine);
    const log = new DecisionLog(stores);
    const decide = (action: string, times: number) =>
      Promise.allSettled(
        Array.from({ length: times }, (_, i) => log.record(facts(`${action}.${i}`), { allowed: true }, 1)),
      );
    await decide('before', 5);
    engine.db.exec(fail);
    const failed = (await decide('meanwhile', 200)).filter((result) => result.status === 'rejected');
    expect(failed.length).toBeGreaterThan(0);
    for (const { reason } of failed) expect(reason).toMatchObject({ code: 'unavailable' });
    expect(String(failed[0]?.reason)).toContain(says);
    engine.db.exec(heal);
    expect((await decide('after', 5)).every(({ status }) => status === 'fulfilled')).toBe(true);
    expect(await verifyAudit(stores, auditStream(tenantId, 'lab'))).toMatchObject({
      ok: true,
      records: 210 - failed.length,
    });
    engine.close();
  },
);

it.skipIf(process.platform === 'win32')(
  '[STORE-01] says clearly that a file cannot grow, and loses nothing that was acknowledged before',
  { timeout: 60_000 },
  async () => {
    const writer = join(import.meta.dirname, 'crash-writer.ts');
    // Blocks of 1024 bytes: no file of this process may exceed 400 KB.
    const command = 'ulimit -f 400; exec "$0" --import jiti/register "$1" "$2" run';
    const { stdout } = spawnSync('bash', ['-c', command, process.execPath, writer, folder.path], {
      cwd: import.meta.dirname,
      input: 'go\n',
      encoding: 'utf8',
    });
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Acknowledged);
    const refusal = lines.find((line) => 'refused' in line);
    expect(refusal?.refused).toMatch(/^(unavailable|unknown_outcome): SQLite could not/);
    const stores = await openEmbeddedStores(folder.path);
    expect(await verifyAudit(stores, auditStream('t_crash', 'lab'))).toMatchObject({ ok: true });
    const events = await allEvents(stores.spine, { tenantId: 't_crash', stream: 'log' }, 1000);
    const acknowledged = lines.flatMap((line) => ('event' in line ? [line.event] : []));
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(events.map(({ eventId }) => eventId)).toEqual(expect.arrayContaining(acknowledged));
    await stores.close();
  },
);

it('[AUDIT-01] tells that records of a damaged file cannot be read', async () => {
  let stores = await openEmbeddedStores(folder.path);
  const log = new DecisionLog(stores);
  for (let i = 0; i < 300; i++) await log.record(facts('demo.read'), { allowed: true }, i);
  await log.flush();
  await stores.close();
  const file = join(folder.path, 'northstar.db');
  const bytes = await readFile(file);
  await writeFile(file, bytes.fill(0x5a, Math.floor(bytes.length / 8192) * 4096, bytes.length));
  stores = await openEmbeddedStores(folder.path);
  const verdict = await verifyAudit(stores, auditStream(tenantId, 'lab'));
  expect(verdict).toMatchObject({
    ok: false,
    reason: expect.stringMatching(/^it cannot be read: .*restore a backup/i),
  });
  await stores.close();
});
