import { expect, test } from 'vitest';
import { GateChain } from '../../src/policy/gate-chain.ts';
import { GATE_NAMES, gatesInOrder } from '../../src/policy/gates-in-order.ts';
import { openPolicyStores } from '../../src/policy/policy-stores.ts';
import { PolicyEngine } from '../../src/policy/policy-engine.ts';
import type { Gate, PolicyQuestion } from '../../src/policy/gate.ts';
import { DecisionLog } from '../../src/spine/decision-log.ts';
import { silentLogger } from '../../src/log/logger.ts';
import type { EventSpine } from '../../src/stores/event-spine.ts';
import { StoreError } from '../../src/stores/store-error.ts';
import type { TabularStore } from '../../src/stores/tabular-store.ts';

const QUESTION: PolicyQuestion = {
  context: {
    requestId: 'req_1',
    mode: 'lab',
    tenantId: 't_a',
    projectId: 'p',
    actor: { type: 'user', id: 'u', roles: ['operator'] },
    issuer: 'none',
    transport: 'http',
  },
  action: 'probe.echo',
  toolId: 'probe',
  effects: 'read',
  timeoutMs: 1000,
  toolDigest: '0',
  argumentDigest: '0',
};

const CAPS = {
  durability: 'process',
  multiProcess: false,
  verified: 'fake',
  atomicAppend: true,
  pushTail: false,
} as const;
const LIMITS = { maxValueBytes: 1_000_000, maxKeyBytes: 512 };
const working: EventSpine = {
  caps: CAPS,
  limits: LIMITS,
  head: async () => undefined,
  trim: async () => undefined,
  append: async () => ({ cursor: 'c', seq: 1, duplicate: false }),
  appendAll: async (entries) => entries.map(() => ({ cursor: 'c', seq: 1, duplicate: false })),
  read: async () => ({ events: [], more: false }),
};
const empty: TabularStore = {
  caps: CAPS,
  limits: LIMITS,
  get: async () => undefined,
  put: async () => ({ version: '1' }),
  delete: async () => false,
  list: async () => ({ items: [] }),
};

function engine(records: TabularStore, spine: EventSpine, timeoutMs = 100): PolicyEngine {
  return engineOf(gatesInOrder(openPolicyStores(records)), spine, timeoutMs);
}

function engineOf(gates: readonly Gate[], spine: EventSpine, timeoutMs: number): PolicyEngine {
  return new PolicyEngine({
    chain: new GateChain(gates, timeoutMs),
    decisions: new DecisionLog({ spine, tabular: empty }),
    logger: silentLogger,
  });
}

/** A store whose nth read fails in the given way; the others find nothing. */
function failingAt(read: number, fail: () => Promise<never>): TabularStore {
  let reads = 0;
  return { ...empty, get: () => (reads++ === read ? fail() : Promise.resolve(undefined)) };
}

const FAILURES: Record<string, () => Promise<never>> = {
  unavailable: () => Promise.reject(new StoreError('unavailable', 'down')),
  corrupt: () => Promise.reject(new StoreError('corrupt', 'bad page')),
  hanging: () => new Promise(() => undefined),
};

test('[POL-03] with working stores the call is allowed', async () => {
  expect((await engine(empty, working).rule(QUESTION)).permit).toBeDefined();
});

test.each(Object.keys(FAILURES))('[POL-03] whichever read of the gates is %s, no call gets through', async (kind) => {
  let reads = 0;
  const counting = { ...empty, get: async () => void reads++ as undefined };
  await engine(counting, working).rule(QUESTION);
  expect(reads).toBeGreaterThan(14);
  const rulings = await Promise.all(
    Array.from({ length: reads }, (_, read) => engine(failingAt(read, FAILURES[kind]!), working, 50).rule(QUESTION)),
  );
  const outcomes = rulings.map((ruling) => (ruling.permit === undefined ? ruling.refused.code : 'allowed'));
  expect(new Set(outcomes)).toEqual(new Set(['policy.unavailable']));
});

/** Reads only its context. */
const STORELESS: readonly string[] = ['identity'];

test.each(
  GATE_NAMES.filter((name) => !STORELESS.includes(name)).flatMap((name) =>
    Object.keys(FAILURES).map((kind) => ({ name, kind })),
  ),
)('[POL-03] with a store that is $kind below the $name gate alone, no call gets through', async ({ name, kind }) => {
  const below = (fail: boolean): TabularStore =>
    fail ? { ...empty, get: FAILURES[kind]!, list: FAILURES[kind]! } : empty;
  const sound = gatesInOrder(openPolicyStores(below(false)));
  const broken = gatesInOrder(openPolicyStores(below(true)));
  const gates = sound.map((gate, index) => (gate.name === name ? broken[index]! : gate));
  const ruling = await engineOf(gates, working, 50).rule(QUESTION);
  expect(ruling).toMatchObject({ refused: { code: 'policy.unavailable', gate: name } });
  expect(ruling.permit).toBeUndefined();
});

test.each(['unavailable', 'corrupt'])('[POL-03] a spine that is %s denies with audit.unavailable', async (kind) => {
  const ruling = await engine(empty, { ...working, appendAll: FAILURES[kind]! }).rule(QUESTION);
  expect(ruling).not.toHaveProperty('permit');
  expect(ruling).toHaveProperty(
    'refused',
    expect.objectContaining({ code: 'audit.unavailable', status: 503, gate: 'audit' }),
  );
});

test('[POL-03] records that cannot be understood do not open anything', async () => {
  const odd = (value: unknown): TabularStore => ({
    ...empty,
    get: async (_at, key) =>
      (key.startsWith('bindings/')
        ? { key, value: { license_types: ['l'] }, version: '1' }
        : key.startsWith('grants/')
          ? { key, value, version: '1' }
          : undefined) as never,
  });
  for (const value of [{ expires_at: 'never' }, { expires_at: '' }, { expires_at: {} }, { expires_at: null }])
    expect(await engine(odd(value), working).rule(QUESTION)).toHaveProperty('refused.code', 'firearms.missing_grant');
});
