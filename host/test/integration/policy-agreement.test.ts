import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isNeverCallable } from '../../src/gateway/listed-tools.ts';
import type { RequestContext } from '../../src/identity/request-context.ts';
import { silentLogger } from '../../src/log/logger.ts';
import { sealScope } from '../../src/policy/guarded-scope.ts';
import type { GuardedScope } from '../../src/policy/guarded-scope.ts';
import { CapabilityFactory } from '../../src/pipeline/capability-factory.ts';
import { ContextFactory } from '../../src/pipeline/context-factory.ts';
import { HostPulse } from '../../src/pipeline/jobs/host-pulse.ts';
import { JobDesk } from '../../src/pipeline/jobs/job-desk.ts';
import { JobStore } from '../../src/pipeline/jobs/job-store.ts';
import { Pipeline } from '../../src/pipeline/pipeline.ts';
import { DEFAULT_PRICES, PriceBook } from '../../src/policy/budget/price-book.ts';
import { Plans, PlansFile } from '../../src/policy/entitlement/plans.ts';
import { GateChain } from '../../src/policy/gate-chain.ts';
import { gatesInOrder } from '../../src/policy/gates-in-order.ts';
import { PolicyEngine } from '../../src/policy/policy-engine.ts';
import { openPolicyStores, type PolicyStores } from '../../src/policy/policy-stores.ts';
import { KILL_TARGETS } from '../../src/policy/kill-switch-store.ts';
import { LOCK_LEVELS } from '../../src/policy/strategy-lock/lock-policy-store.ts';
import { NO_OTHER_HOSTS } from '../../src/spine/change-feed.ts';
import { RefusalLog } from '../../src/spine/refusal-log.ts';
import { CallTelemetry } from '../../src/telemetry/call-telemetry.ts';
import { HostMetrics } from '../../src/telemetry/host-metrics.ts';
import { DecisionLog } from '../../src/spine/decision-log.ts';
import type { EventSpine } from '../../src/stores/event-spine.ts';
import { openEmbeddedStores, type EmbeddedStores } from '../../src/stores/open-embedded-stores.ts';

/**
 * Explain, list and live on generated policy, callers and arguments, with the shipped chain on real records. Only the
 * spine is a stand-in: ten thousand commits of decisions would say nothing about agreement.
 */
const CASES = 10_000;
const SEED = Number(process.env.POLICY_SEED ?? 20_260);

const PLANS = {
  small: { name: 'Small', scopes: ['one.*'], quotas: [{ window: 'day', calls: 60 }] },
  large: { name: 'Large', scopes: ['*'] },
};

let folder: string;
let engine: EmbeddedStores;
let stores: PolicyStores;
let pipeline: Pipeline;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'northstar-agreement-'));
  engine = await openEmbeddedStores(folder);
  const plans = new Plans(PlansFile.parse({ plans: PLANS }));
  stores = openPolicyStores(engine.tabular, { prices: new PriceBook(DEFAULT_PRICES), plans });
  const spine: EventSpine = {
    ...engine.spine,
    appendAll: async (entries) => entries.map(() => ({ cursor: 'c', seq: 1, duplicate: false })),
    append: async () => ({ cursor: 'c', seq: 1, duplicate: false }),
  };
  const decisions = new DecisionLog({ spine, tabular: engine.tabular });
  const policy = new PolicyEngine({ chain: new GateChain(gatesInOrder(stores)), decisions, logger: silentLogger });
  const jobs = new JobDesk({
    pulse: new HostPulse(engine.tabular),
    changes: NO_OTHER_HOSTS,
    store: new JobStore(engine),
    logger: silentLogger,
    limit: 1,
  });
  const contexts = new ContextFactory({
    jobs,
    policy,
    capabilities: new CapabilityFactory(engine),
    logger: silentLogger,
    resourceUpdated: () => undefined,
  });
  const limits = { inFlight: 10, resultBytes: 1000 };
  const metrics = new HostMetrics();
  const refusals = new RefusalLog(decisions, silentLogger, metrics);
  const telemetry = new CallTelemetry(metrics);
  pipeline = new Pipeline({ policy, decisions, refusals, contexts, telemetry, jobs, logger: silentLogger, limits });
});
afterAll(async () => {
  await pipeline.drain();
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

/** mulberry32: small, seeded, and good enough to pick with. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
const random = generator(SEED);
const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
const chance = (share: number): boolean => random() < share;

const TENANTS = ['t_a', 't_b', 't_system'];
const USERS = ['u_1', 'u_2'];
const ROLES = ['writer', 'operator'];
const LICENCES = ['lic.1', 'lic.2'];
const SCOPES: readonly GuardedScope[] = (['read', 'write', 'destructive'] as const).flatMap((effects) =>
  ['one', 'two'].map((toolId) =>
    sealScope(
      {
        name: `${toolId}.${effects}`,
        toolId,
        kind: 'tool',
        effects,
        timeoutMs: 1000,
        requires: [],
        parseInput: (value) =>
          typeof (value as { n?: unknown }).n === 'string'
            ? { ok: false, issues: [{ path: 'n', message: 'a number' }] }
            : { ok: true, value },
        promise: { effects },
      },
      async () => {
        if (chance(0.1)) throw new Error('handlers fail as well');
        return 'done';
      },
    ),
  ),
);

function someone(): RequestContext {
  const tenantId = pick(TENANTS);
  const actor = {
    type: pick(['user', 'agent'] as const),
    id: pick(USERS),
    roles: ROLES.filter(() => chance(0.3)),
  };
  const anonymous = chance(0.3);
  return {
    requestId: `req_${Math.floor(random() * 1e9)}`,
    mode: pick(['lab', 'lab', 'saas', 'enterprise'] as const),
    tenantId,
    projectId: pick(['p1', 'p2']),
    ...(chance(0.5) && { appId: 'app1' }),
    ...(chance(0.5) && { surfaceId: 'chat' }),
    actor,
    issuer: anonymous ? 'none' : 'https://issuer.example',
    transport: pick(['http', 'mcp', 'stdio', 'cli'] as const),
    ...(!anonymous && {
      tenants: chance(0.9) ? [tenantId] : ['t_other'],
      expiresAt: Date.now() + (chance(0.95) ? 600_000 : -600_000),
    }),
  };
}

const by = { updated_by: 'u_op', updated_at: '2026-01-01T00:00:00Z' };
let measured = 0;
const ignoreMissing = (): void => undefined;
const target = () => ({ ...by, tool_id: pick(['one', 'two', '*']), license_types: LICENCES.filter(() => chance(0.6)) });

/** One change of policy each: what operators do between calls. */
const CHANGES: readonly ((audience: RequestContext) => Promise<unknown>)[] = [
  async ({ tenantId }) => {
    const kind = pick(KILL_TARGETS);
    const id = { all: '*', tenant: tenantId, muscle: pick(['one', 'two']), scope: pick(SCOPES).facts.name }[kind];
    // Mostly off again, or nothing else would ever be asked.
    return stores.killSwitches.set({ ...by, target: kind, id, engaged: chance(0.1), reason: 'drill' });
  },
  async (audience) => {
    const { facts } = pick(SCOPES);
    return stores.firearms.bind(audience, { ...target(), tool_id: facts.toolId, scope_name: facts.name });
  },
  async (audience) => stores.firearms.bind(audience, { ...target(), effects: pick(['write', 'destructive'] as const) }),
  async (audience) => stores.firearms.bind(audience, { ...target(), scope_name: '*' }),
  async (audience) => {
    const [binding] = await stores.firearms.listBindings(audience);
    if (binding) await stores.firearms.unbind(audience, binding);
  },
  async (audience) =>
    stores.firearms.grant(audience, {
      license_type: pick(LICENCES),
      subject_type: pick(['user', 'agent', 'role'] as const),
      subject_id: pick([...USERS, ...ROLES]),
      ...(chance(0.3) && { expires_at: new Date(Date.now() + pick([-1, 1]) * 600_000).toISOString() }),
      granted_by: 'u_op',
      granted_at: by.updated_at,
    }),
  async (audience) => {
    const [grant] = await stores.firearms.listGrants(audience);
    if (grant) await stores.firearms.revoke(audience, grant.grant_id);
  },
  async (audience) => {
    const level = pick(LOCK_LEVELS);
    const id = { node: pick(['p1', 'p1/app1']), surface: 'chat', tenant: audience.tenantId, system: '*' }[level];
    const action = pick(['*', pick(SCOPES).facts.name]);
    await stores.lockPolicies.save(audience, { ...by, level, id, action, required: chance(0.4) });
  },
  async (audience) => stores.entitlements.assign(audience, pick(['small', 'large', 'large', 'large']), 'u_op'),
  async (audience) =>
    stores.budgets.set(audience, {
      ...by,
      window: pick(['day', 'total'] as const),
      ...(chance(0.3) && { tool_id: pick(['one', 'two']) }),
      // From nothing to more than all cases together can spend.
      threshold_micro_usd: pick([0, 20_000, 1e9, 1e9, 1e9, 1e9]),
    }),
  async (audience) => {
    for (const of of [audience, { ...audience, tenantId: 't_system' }])
      for (const policy of await stores.budgets.list(of)) await stores.budgets.remove(of, policy).catch(ignoreMissing);
  },
  async (audience) => {
    const kpi_name = 'errors';
    const where = chance(0.5) ? { surface: 'chat' } : {};
    await stores.kpis.setCorridor(audience, { ...by, ...where, kpi_name, floor: 1, ceiling: 3 });
    // Each is later than the one before, or the first late one would stay the latest for ever.
    const at = new Date(Date.parse(by.updated_at) + ++measured).toISOString();
    const value = pick([0, 2, 2, 2, 2, 4]);
    await stores.kpis.measure(audience, { ...where, kpi_name, value, at, reported_by: 'u_op' });
    await stores.kpis.bind(audience, { ...by, tool_id: pick(['one', 'two']), scope_name: '*', kpi_name });
  },
  async (audience) => {
    const approver = { ...audience, actor: { type: 'user' as const, id: 'u_approver', roles: ['operator'] } };
    for (const { lock_id } of await stores.approvals.list(audience, 'pending'))
      await stores.approvals
        .decide(approver, lock_id, { decision: chance(0.8) ? 'approve' : 'reject' })
        .catch(ignoreMissing);
  },
];

test(`[POL-15] explain, list and live agree on ${CASES} generated cases`, { timeout: 120_000 }, async () => {
  const differences: string[] = [];
  const told = new Map<string, number>();
  for (let index = 0; index < CASES; index++) {
    if (chance(0.2)) await pick(CHANGES)(someone());
    const call = { scope: pick(SCOPES), context: someone(), args: pick([{}, { n: 1 }, { n: 2 }, { n: 'wrong' }]) };
    const listed = !isNeverCallable(await pipeline.explain({ ...call, args: undefined }));
    const explained = await pipeline.explain(call);
    const outcome = await pipeline.invoke({ ...call, io: {} });
    // What the call took is settled behind its answer, and the next question must not meet it half way.
    await pipeline.drain();
    const live = outcome.ok
      ? 'allow'
      : outcome.envelope.error.gate === undefined
        ? 'allow'
        : outcome.envelope.error.code;
    told.set(live, (told.get(live) ?? 0) + 1);
    const facts = `seed ${SEED}, case ${index}: ${call.scope.facts.name} by ${JSON.stringify(call.context)}`;
    if ((explained.code ?? 'allow') !== live) differences.push(`${facts}: explained ${explained.code}, live ${live}`);
    const never = isNeverCallable({ code: live, ...(!outcome.ok && { details: outcome.envelope.error.details }) });
    if (live !== 'validation.failed' && listed === never)
      differences.push(`${facts}: ${listed ? 'listed' : 'hidden'}, live ${live}`);
    if (!listed && live === 'allow') differences.push(`${facts}: hidden, and yet allowed`);
  }
  expect(differences).toEqual([]);
  // Agreement on one answer would prove little: each kind has to be among the cases.
  const kinds = [
    'allow',
    'validation.failed',
    'kill_switch.engaged',
    'identity.not_a_member',
    'identity.unauthenticated',
    'identity.mode_not_allowed',
    'entitlement.required',
    'firearms.missing_grant',
    'budget.threshold_exceeded',
    'budget.threshold_missing',
    'kpi.floor_breached',
    'kpi.ceiling_breached',
    'strategy_lock.required',
  ];
  for (const kind of kinds) expect(told.get(kind) ?? 0, kind).toBeGreaterThan(3);
});
