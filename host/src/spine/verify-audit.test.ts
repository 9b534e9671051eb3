import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RequestContextBuilder } from '../identity/request-context-builder.ts';
import { tempFolder, type TempFolder } from '../stores/contract/temp-folder.ts';
import { openSqlite, type SqliteEngine } from '../stores/drivers/sqlite/open-sqlite.ts';
import { SqliteEventSpine } from '../stores/drivers/sqlite/sqlite-event-spine.ts';
import { SqliteTabularStore } from '../stores/drivers/sqlite/sqlite-tabular-store.ts';
import { openEmbeddedStores } from '../stores/open-embedded-stores.ts';
import { spineWithKeyCodec, tabularWithKeyCodec } from '../stores/with-key-codec.ts';
import { DecisionLog } from './decision-log.ts';
import { auditStream } from './audit-record.ts';
import { verifyAudit } from './verify-audit.ts';

const RECORDS = 40;
const context = new RequestContextBuilder().fromEnvironment({}, 'cli');
const { tenantId } = context;
const facts = {
  context,
  action: 'demo.read',
  toolId: 'demo',
  effects: 'read' as const,
  subject: { type: 'thing', id: 'é/1' },
  toolDigest: 'tool',
  argumentDigest: 'arguments',
};

let folder: TempFolder;
let engine: SqliteEngine | undefined;

beforeEach(async () => {
  folder = await tempFolder();
  await decide(folder.path, RECORDS);
});
afterEach(async () => {
  engine?.close();
  engine = undefined;
  await folder.remove();
});

async function decide(path: string, times: number): Promise<void> {
  const stores = await openEmbeddedStores(path);
  const log = new DecisionLog(stores);
  for (let i = 0; i < times; i++) await log.record(facts, { allowed: i % 3 > 0 }, i);
  await log.flush();
  await stores.close();
}

/** A copy of the database that can be edited with SQL while it is verified. */
async function openCopy() {
  await mkdir(join(folder.path, 'copy'), { recursive: true });
  await copyFile(join(folder.path, 'northstar.db'), join(folder.path, 'copy', 'northstar.db'));
  const opened = await openSqlite(join(folder.path, 'copy'));
  engine = opened;
  const stores = {
    spine: spineWithKeyCodec(new SqliteEventSpine(opened)),
    tabular: tabularWithKeyCodec(new SqliteTabularStore(opened)),
  };
  return {
    db: opened.db,
    stores,
    verify: (known?: { order: number; hash: string }) => verifyAudit(stores, auditStream(tenantId, 'lab'), { known }),
  };
}

/** mulberry32: the same mutations in every run. */
function randomNumbers(seed: number): (below: number) => number {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below);
  };
}

const AUDIT = `tenant = '${tenantId}' AND stream = 'audit/lab'`;

it(
  '[AUDIT-01] finds 1,000 random edits, removals, moves and cuts, and names the first record',
  { timeout: 60_000 },
  async () => {
    const { db, verify } = await openCopy();
    expect(await verify()).toMatchObject({ ok: true, records: RECORDS });
    const random = randomNumbers(7);
    const one = () => 1 + random(RECORDS);
    const edit = (column: string, expression: string) => (): number => {
      const seq = one();
      db.exec(`UPDATE events SET ${column} = ${expression} WHERE ${AUDIT} AND seq = ${seq}`);
      return seq;
    };
    const member = (path: string) => edit('data', `json_set(data, '${path}', 'forged')`);
    const mutations: (() => number)[] = [
      () => {
        const seq = one();
        const { data } = db.prepare(`SELECT data FROM events WHERE ${AUDIT} AND seq = ?`).get(seq) as { data: string };
        const i = random(data.length);
        const changed = data.slice(0, i) + (data[i] === '7' ? '8' : '7') + data.slice(i + 1);
        db.prepare(`UPDATE events SET data = ? WHERE ${AUDIT} AND seq = ${seq}`).run(changed);
        return seq;
      },
      member('$.decision'),
      member('$.added'),
      member('$.chain.added'),
      member('$.chain.prev'),
      member('$.chain.hash'),
      edit('data', `'[]'`),
      edit('data', `json_remove(data, '$.actor_id')`),
      edit('type', `'audit.outcome'`),
      edit('at', `'2020-01-01T00:00:00.000Z'`),
      edit('event_id', `event_id || '0'`),
      edit('event_id', `'%'`),
      edit('stream', `'elsewhere'`),
      edit('tenant', `'t_other'`),
      edit('seq', `seq + ${RECORDS}`),
      () => {
        const seq = one();
        db.exec(`DELETE FROM events WHERE ${AUDIT} AND seq = ${seq}`);
        return seq;
      },
      () => {
        const seq = one();
        db.exec(`DELETE FROM events WHERE ${AUDIT} AND seq >= ${seq}`);
        return seq;
      },
      () => {
        const seq = one();
        db.exec(`DELETE FROM events WHERE ${AUDIT} AND seq BETWEEN ${seq} AND ${seq + random(5)}`);
        return seq;
      },
      () => {
        const [a, b] = [one(), one()].sort((x, y) => x - y) as [number, number];
        if (a === b) return member('$.code')();
        db.exec(`UPDATE events SET seq = -${b} WHERE ${AUDIT} AND seq = ${a}`);
        db.exec(`UPDATE events SET seq = ${a} WHERE ${AUDIT} AND seq = ${b}`);
        db.exec(`UPDATE events SET seq = ${b} WHERE ${AUDIT} AND seq = -${b}`);
        return a;
      },
      () => {
        db.exec(`INSERT INTO events SELECT tenant, stream, ${RECORDS + 1}, event_id || 'x', type, at, data
        FROM events WHERE ${AUDIT} AND seq = ${one()}`);
        return RECORDS + 1;
      },
    ];
    for (let i = 0; i < 1000; i++) {
      const mutation = mutations[i % mutations.length]!;
      db.exec('SAVEPOINT mutation');
      const seq = mutation();
      expect(await verify(), `mutation ${i % mutations.length}, round ${i}`).toMatchObject({ ok: false, seq });
      db.exec('ROLLBACK TO mutation; RELEASE mutation');
    }
    expect(await verify()).toMatchObject({ ok: true, records: RECORDS });
  },
);

it('[AUDIT-01] finds a cut by the head that the caller kept when the checkpoint is forged as well', async () => {
  const whole = await openCopy();
  const before = await whole.verify();
  if (!before.ok) return expect.unreachable();
  // An engine that is open remembers rows that it has read: forged is what a host finds when it starts.
  engine?.close();
  const { db, verify } = await openCopy();
  db.exec(`DELETE FROM events WHERE ${AUDIT} AND seq > 30; DELETE FROM records WHERE kind = 'audit_checkpoint'`);
  expect(await verify()).toMatchObject({ ok: true, records: 30 });
  expect(await verify(before.head)).toMatchObject({
    ok: false,
    seq: 31,
    reason: 'the chain was longer: its end has been cut',
  });
  expect(await verify({ order: 20, hash: 'other' })).toMatchObject({ ok: false, seq: 20 });
});

it('[AUDIT-01] keeps a cut visible after the host has started and written on', async () => {
  const { db } = await openCopy();
  db.exec(`DELETE FROM events WHERE ${AUDIT} AND seq > 30`);
  engine?.close();
  await decide(join(folder.path, 'copy'), 20);
  const stores = await openEmbeddedStores(join(folder.path, 'copy'));
  expect(await verifyAudit(stores, auditStream(tenantId, 'lab'))).toMatchObject({ ok: false, seq: 31 });
  await stores.close();
});

it('[AUDIT-01] accepts the chain of a host that was restarted, and an empty one', async () => {
  await decide(folder.path, 3);
  const stores = await openEmbeddedStores(folder.path);
  expect(await verifyAudit(stores, auditStream(tenantId, 'lab'))).toMatchObject({ ok: true, records: RECORDS + 3 });
  expect(await verifyAudit(stores, auditStream('t_nobody', 'lab'))).toMatchObject({ ok: true, records: 0 });
  await stores.close();
});
