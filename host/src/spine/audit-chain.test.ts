import { afterEach, beforeEach, expect, it } from 'vitest';
import { RequestContextBuilder } from '../identity/request-context-builder.ts';
import { allEvents } from '../stores/contract/contract-kit.ts';
import { tempFolder, type TempFolder } from '../stores/contract/temp-folder.ts';
import type { Appended, EventSpine } from '../stores/event-spine.ts';
import { openEmbeddedStores, type EmbeddedStores } from '../stores/open-embedded-stores.ts';
import { StoreError, type StoreErrorCode } from '../stores/store-error.ts';
import { auditStream } from './audit-record.ts';
import { DecisionLog } from './decision-log.ts';
import { verifyAudit } from './verify-audit.ts';

let folder: TempFolder;
let stores: EmbeddedStores;
const context = new RequestContextBuilder().fromEnvironment({}, 'cli');
const at = auditStream(context.tenantId, context.mode);

beforeEach(async () => {
  folder = await tempFolder();
  stores = await openEmbeddedStores(folder.path);
});
afterEach(async () => {
  await stores.close();
  await folder.remove();
});

const facts = (action: string) => ({
  context,
  action,
  toolId: 'demo',
  effects: 'read' as const,
  subject: { type: 'thing', id: action },
  toolDigest: 'tool',
  argumentDigest: 'arguments',
});

/** Records many decisions at once over several logs; the actions that were acknowledged. */
async function decideAtOnce(logs: readonly DecisionLog[], times: number, prefix = 'a'): Promise<string[]> {
  const actions = Array.from({ length: times }, (_, i) => `${prefix}.${i}`);
  const results = await Promise.allSettled(
    actions.map(async (action, i) => {
      // In several steps of the event loop, as calls come in.
      for (let turn = 0; turn < i % 7; turn++) await new Promise((wake) => setImmediate(wake));
      await logs[i % logs.length]!.record(facts(action), { allowed: true }, 1);
    }),
  );
  return actions.filter((_, i) => results[i]!.status === 'fulfilled');
}

async function expectIntact(acknowledged: readonly string[]): Promise<string[]> {
  expect(await verifyAudit(stores, at)).toMatchObject({ ok: true });
  const written = (await allEvents(stores.spine, at)).map(({ data }) => (data as { action: string }).action);
  expect(new Set(written).size).toBe(written.length);
  for (const action of acknowledged) {
    expect(written).toContain(action);
    const { events } = await stores.spine.read({ ...at, stream: `safety/thing/${action}` });
    expect(events, action).toHaveLength(1);
  }
  return written;
}

/** The spine as an engine without transactions is: one append after the other, each of which may fail. */
function withoutTransactions(
  spine: EventSpine,
  fail: () => 'before' | 'after' | undefined,
  code: StoreErrorCode,
): EventSpine {
  return {
    ...spine,
    caps: { ...spine.caps, atomicAppend: false },
    async appendAll(entries) {
      const appended: Appended[] = [];
      const heads = new Map<string, string>();
      for (const { at: ref, event, expect: expected, time } of entries) {
        const failing = fail();
        if (failing === 'before') throw new StoreError(code, 'injected');
        const held = heads.get(ref.stream) ?? expected;
        const one = await spine.append(ref, event, { expect: held, time });
        if (held !== undefined) heads.set(ref.stream, one.cursor);
        appended.push(one);
        if (failing === 'after') throw new StoreError(code, 'injected');
      }
      return appended;
    },
  };
}

it('[AUDIT-02] chains 300 concurrent decisions in few appends', async () => {
  let appends = 0;
  const spine: EventSpine = {
    ...stores.spine,
    appendAll: (entries) => {
      appends += 1;
      return stores.spine.appendAll(entries);
    },
  };
  const acknowledged = await decideAtOnce([new DecisionLog({ ...stores, spine })], 300);
  expect(acknowledged).toHaveLength(300);
  expect(appends).toBeLessThan(30);
  expect(await expectIntact(acknowledged)).toHaveLength(300);
});

it('[AUDIT-02] keeps one chain when two hosts write to it', async () => {
  const logs = [new DecisionLog(stores), new DecisionLog(stores), new DecisionLog(stores)];
  const acknowledged = await decideAtOnce(logs, 300);
  expect(acknowledged).toHaveLength(300);
  await expectIntact(acknowledged);
});

it.each(['conflict', 'unknown_outcome', 'unavailable'] as const)(
  '[AUDIT-02] leaves no gap and no double when appends stop midway with %s, and goes on afterwards',
  async (code) => {
    let calls = 0;
    const failing = withoutTransactions(
      stores.spine,
      () => {
        calls += 1;
        return calls % 41 === 0 ? 'before' : calls % 53 === 0 ? 'after' : undefined;
      },
      code,
    );
    const logs = [new DecisionLog({ ...stores, spine: failing }), new DecisionLog({ ...stores, spine: failing })];
    const acknowledged = await decideAtOnce(logs, 200);
    if (code !== 'unavailable') expect(acknowledged).toHaveLength(200);
    await expectIntact(acknowledged);
    const later = await decideAtOnce([new DecisionLog(stores)], 5, 'b');
    await expectIntact([...acknowledged, ...later]);
  },
);

it('[AUDIT-02] refuses the one record that cannot be stored and keeps those beside it', async () => {
  const log = new DecisionLog(stores);
  const results = await Promise.allSettled(
    ['a', 'b', 'c', 'd'].map((action) => {
      const huge = { ...facts(action), toolDigest: 'x'.repeat(5_000_000) };
      return log.record(action === 'b' ? huge : facts(action), { allowed: true }, 1);
    }),
  );
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  expect(await expectIntact(['a', 'c', 'd'])).toHaveLength(3);
});

it('[AUDIT-02] keeps the chain when the clock goes backwards', async () => {
  let now = Date.parse('2030-01-01T00:00:00Z');
  const log = new DecisionLog({ ...stores, now: () => now });
  for (const action of ['a', 'b', 'c']) {
    await log.record(facts(action), { allowed: true }, 1);
    now -= 86_400_000;
  }
  const restarted = new DecisionLog({ ...stores, now: () => now });
  await restarted.record(facts('d'), { allowed: true }, 1);
  expect(await expectIntact(['a', 'b', 'c', 'd'])).toHaveLength(4);
});

it('[ROUTE-08] begins in another engine with a mark of where it came from, and stays whole in both', async () => {
  const other = await tempFolder();
  const elsewhere = await openEmbeddedStores(other.path);
  let engine = 'before';
  const now = (): EventSpine => (engine === 'before' ? stores.spine : elsewhere.spine);
  const spine: EventSpine = {
    caps: stores.spine.caps,
    limits: stores.spine.limits,
    append: (...args) => now().append(...args),
    appendAll: (...args) => now().appendAll(...args),
    read: (...args) => now().read(...args),
    head: (...args) => now().head(...args),
    trim: (...args) => now().trim(...args),
  };
  const routed = { spine, tabular: stores.tabular, engineOf: () => engine };
  const log = new DecisionLog(routed);
  await log.record(facts('a.one'), { allowed: true }, 1);
  await log.flush();
  engine = 'after';
  await log.record(facts('a.two'), { allowed: true }, 1);
  await log.flush();
  const moved = await allEvents(elsewhere.spine, at);
  expect(moved.map(({ type }) => type)).toEqual(['audit.moved', 'audit.decision']);
  expect(moved[0]?.data).toMatchObject({ from_order: 1 });
  for (engine of ['before', 'after']) expect(await verifyAudit(routed, at)).toMatchObject({ ok: true });
  await elsewhere.close();
  await other.remove();
});
