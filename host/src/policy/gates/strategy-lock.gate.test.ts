import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { RequestContext } from '../../identity/request-context.ts';
import { openEmbeddedStores, type EmbeddedStores } from '../../stores/open-embedded-stores.ts';
import { GateChain } from '../gate-chain.ts';
import type { PolicyQuestion } from '../gate.ts';
import { openPolicyStores, type PolicyStores } from '../policy-stores.ts';
import type { LockTarget } from '../strategy-lock/lock-policy-store.ts';
import { strategyLockGate } from './strategy-lock.gate.ts';

let folder: string;
let engine: EmbeddedStores;
let stores: PolicyStores;
let tenantId: string;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'northstar-lock-'));
  engine = await openEmbeddedStores(folder);
  stores = openPolicyStores(engine.tabular);
});
beforeEach(() => {
  tenantId = `t_lock_${++count}`;
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

const caller = (more: Partial<RequestContext> = {}): RequestContext => ({
  requestId: 'req_1',
  mode: 'saas',
  tenantId,
  projectId: 'p1',
  appId: 'app1',
  surfaceId: 'chat',
  actor: { type: 'user', id: 'u_asks', roles: [] },
  issuer: 'https://issuer.example',
  tenants: [tenantId],
  expiresAt: Date.now() + 60_000,
  transport: 'http',
  ...more,
});
const question = (more: Partial<PolicyQuestion> = {}): PolicyQuestion => ({
  context: caller(),
  action: 'demo.write',
  toolId: 'demo',
  effects: 'write',
  timeoutMs: 1000,
  toolDigest: 'tool',
  argumentDigest: 'args',
  ...more,
});
const approver = (): RequestContext => caller({ actor: { type: 'user', id: 'u_approves', roles: ['operator'] } });

async function lock(level: LockTarget['level'], id: string, required = true, action = 'demo.write') {
  const facts = { level, id, action, required, updated_by: 'u', updated_at: '' };
  return stores.lockPolicies.save(caller(), facts);
}

/** What the gate says, and the lock that it names. */
async function ask(asked = question(), { live = false } = {}): Promise<{ says: string; lock: string }> {
  const chain = new GateChain([strategyLockGate(stores)]);
  const verdict = await chain.decide(asked);
  if (verdict.allowed) return { says: 'allow', lock: '' };
  if (live) await chain.open(asked, verdict.denial);
  const { code, details } = verdict.denial.deny;
  return { says: code, lock: String(details?.lock_id) };
}
async function approved(asked = question(), expires_at?: string): Promise<void> {
  const { lock: id } = await ask(asked, { live: true });
  await stores.approvals.decide(approver(), id, { decision: 'approve', expires_at });
}

test('[LOCK-01] the first level that says something decides: node, surface, tenant, system', async () => {
  const says: string[] = [];
  const steps: [LockTarget['level'], string, boolean][] = [
    ['tenant', tenantId, true],
    ['surface', 'chat', false],
    ['node', 'p1', true],
    ['node', 'p1/app1', false],
  ];
  for (const [level, id, required] of steps) {
    await lock(level, id, required);
    says.push((await ask()).says);
  }
  expect(says).toEqual(['strategy_lock.required', 'allow', 'strategy_lock.required', 'allow']);
});

test('[LOCK-01] a policy for the action stands before one for all actions of the same level', async () => {
  await lock('tenant', tenantId, true, '*');
  await lock('tenant', tenantId, false);
  expect((await ask()).says).toBe('allow');
  expect((await ask(question({ action: 'demo.other' }))).says).toBe('strategy_lock.required');
});

test.each([
  { mode: 'saas', says: 'strategy_lock.required' },
  { mode: 'enterprise', says: 'strategy_lock.required' },
  { mode: 'lab', says: 'allow' },
] as const)('[LOCK-02] with no policy, a bound firearm in $mode means $says', async ({ mode, says }) => {
  const context = caller({ mode });
  expect((await ask(question({ context }))).says).toBe('allow');
  const binding = { tool_id: 'demo', scope_name: 'demo.write', license_types: ['l'], updated_by: 'u', updated_at: '' };
  await stores.firearms.bind(context, binding);
  expect((await ask(question({ context }))).says).toBe(says);
  await lock('tenant', tenantId, false);
  expect((await ask(question({ context }))).says).toBe('allow');
});

test('[LOCK-03] asking writes nothing and names the lock that a live denial then opens', async () => {
  await lock('tenant', tenantId);
  const { lock: explained } = await ask();
  expect(await stores.approvals.list(caller())).toEqual([]);
  const { lock: live } = await ask(question(), { live: true });
  expect(live).toBe(explained);
  expect(await stores.approvals.list(caller(), 'pending')).toMatchObject([
    { lock_id: explained, action: 'demo.write', argument_digest: 'args', requested_by: { id: 'u_asks' } },
  ]);
});

const OTHERS: { what: string; other: () => PolicyQuestion }[] = [
  { what: 'arguments', other: () => question({ argumentDigest: 'others' }) },
  { what: 'a tool that promises something else', other: () => question({ toolDigest: 'others' }) },
  { what: 'an action', other: () => question({ action: 'demo.other' }) },
  { what: 'a subject', other: () => question({ subject: { type: 'order', id: '1' } }) },
  {
    what: 'a caller',
    other: () => question({ context: caller({ actor: { type: 'user', id: 'u_else', roles: [] } }) }),
  },
  {
    what: 'an agent of the same name',
    other: () => question({ context: caller({ actor: { type: 'agent', id: 'u_asks', roles: [] } }) }),
  },
  { what: 'an issuer', other: () => question({ context: caller({ issuer: 'https://other.example' }) }) },
  { what: 'a mode', other: () => question({ context: caller({ mode: 'enterprise' }) }) },
];

test.each(OTHERS)('[LOCK-03] an approval does not cover $what other than approved', async ({ other }) => {
  await lock('tenant', tenantId, true, '*');
  await approved();
  expect((await ask()).says).toBe('allow');
  expect((await ask(other())).says).toBe('strategy_lock.required');
});

test('[LOCK-03] an approval does not outlive the policy that asked for it', async () => {
  await lock('tenant', tenantId);
  await approved();
  await lock('tenant', tenantId);
  expect((await ask()).says).toBe('strategy_lock.required');
});

test('[LOCK-03] an approval that has run out opens nothing, and the next call asks anew', async () => {
  await lock('tenant', tenantId);
  await approved(question(), new Date(Date.now() - 1).toISOString());
  const { says, lock: id } = await ask(question(), { live: true });
  expect(says).toBe('strategy_lock.required');
  expect(await stores.approvals.list(caller(), 'pending')).toMatchObject([{ lock_id: id }]);
});

test.each(['never', '', {}])('[LOCK-03] an approval that expires at %j opens nothing', async (expires_at) => {
  await lock('tenant', tenantId);
  await approved(question(), expires_at as string);
  expect((await ask()).says).not.toBe('allow');
});

test('[LOCK-04] of 100 calls that race for one approval, exactly one gets it', async () => {
  await lock('tenant', tenantId);
  await approved();
  const chain = new GateChain([strategyLockGate(stores)]);
  const verdicts = await Promise.all(Array.from({ length: 100 }, () => chain.decide(question())));
  const taken = await Promise.all(
    verdicts.map((verdict) => chain.claim(question(), verdict.allowed ? verdict.claims : [])),
  );
  expect(verdicts.filter(({ allowed }) => allowed).length).toBe(100);
  expect(taken.filter((entry) => 'end' in entry).length).toBe(1);
  const lost = taken.filter((entry) => 'deny' in entry).map((entry) => entry.deny.code);
  expect(new Set(lost)).toEqual(new Set(['strategy_lock.required']));
});

test.each([
  { outcome: 'not_run', then: 'allow' },
  { outcome: 'failed', then: 'strategy_lock.required' },
  { outcome: 'succeeded', then: 'strategy_lock.required' },
] as const)(
  '[LOCK-04] after a call that ended as $outcome the same approval means $then',
  async ({ outcome, then }) => {
    await lock('tenant', tenantId);
    await approved();
    const chain = new GateChain([strategyLockGate(stores)]);
    const verdict = await chain.decide(question());
    const hold = await chain.claim(question(), verdict.allowed ? verdict.claims : []);
    if (!('end' in hold)) throw new Error('not taken');
    await hold.end(outcome);
    expect((await ask()).says).toBe(then);
  },
);

test('[LOCK-05] outside lab nobody decides on their own request', async () => {
  await lock('tenant', tenantId);
  const { lock: id } = await ask(question(), { live: true });
  await expect(stores.approvals.decide(caller(), id, { decision: 'approve' })).rejects.toMatchObject({
    code: 'approval.own_request',
    status: 403,
  });
  expect((await ask()).says).toBe('strategy_lock.required');
});

test('[LOCK-05] a request of another mode or tenant is not there to be decided on', async () => {
  await lock('tenant', tenantId);
  const { lock: id } = await ask(question(), { live: true });
  for (const who of [
    { ...approver(), mode: 'enterprise' as const },
    { ...approver(), tenantId: 't_elsewhere' },
  ])
    await expect(stores.approvals.decide(who, id, { decision: 'approve' })).rejects.toMatchObject({
      code: 'approval.not_found',
    });
});

test('[LOCK-05] a request is decided on once; a rejected one stays so, and says why', async () => {
  await lock('tenant', tenantId);
  const { lock: id } = await ask(question(), { live: true });
  await stores.approvals.decide(approver(), id, { decision: 'reject', reason: 'not on a Friday' });
  await expect(stores.approvals.decide(approver(), id, { decision: 'approve' })).rejects.toMatchObject({
    code: 'approval.not_pending',
  });
  const verdict = await new GateChain([strategyLockGate(stores)]).decide(question());
  expect(verdict).toMatchObject({ denial: { deny: { details: { status: 'rejected' } } } });
  expect(JSON.stringify(verdict)).toContain('not on a Friday');
});

test('[LOCK-05] what is long over is removed, and what waits or stands is kept', async () => {
  await lock('tenant', tenantId);
  await approved();
  await stores.approvals.removeOld(caller(), Date.now() + 60_000);
  expect((await stores.approvals.list(caller())).length).toBe(1);
  await stores.approvals.removeOld(caller(), Date.now() + 30 * 24 * 60 * 60 * 1000);
  expect(await stores.approvals.list(caller())).toEqual([]);
});
