import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RequestContext } from '../src/identity/request-context.ts';
import { silentLogger } from '../src/log/logger.ts';
import { DEFAULT_PRICES, PriceBook } from '../src/policy/budget/price-book.ts';
import { Plans, PlansFile } from '../src/policy/entitlement/plans.ts';
import { GateChain } from '../src/policy/gate-chain.ts';
import type { Gate, PolicyQuestion } from '../src/policy/gate.ts';
import { gatesInOrder } from '../src/policy/gates-in-order.ts';
import { openPolicyStores, type PolicyStores } from '../src/policy/policy-stores.ts';
import { openRouting, type Routing } from '../src/routing/open-routing.ts';
import { readConfig } from '../src/config/read-config.ts';
import { median, percentile } from './statistics.ts';

/**
 * What the chain adds to a call: every gate configured and consulted, beside a chain that allows at once, in one
 * process and one run. Each call decides, claims and ends, as a call of the pipeline does; recording the decision is
 * the same for both and left out.
 */
const RECORDS = [10, 10_000];
const quick = process.argv.includes('--quick');
const ROUNDS = quick ? 5 : 15;
const CALLS = quick ? 200 : 500;
const GOAL_CPU_US = 150;
const GOAL_P99_MS = 2;

const CONTEXT: RequestContext = {
  requestId: 'req_1',
  mode: 'lab',
  tenantId: 't_bench',
  projectId: 'p1',
  surfaceId: 'chat',
  actor: { type: 'user', id: 'u_bench', roles: ['writer'] },
  issuer: 'https://issuer.example',
  tenants: ['t_bench'],
  expiresAt: Date.now() + 3_600_000,
  transport: 'mcp',
};
const QUESTION: PolicyQuestion = {
  context: CONTEXT,
  action: 'echo.ping',
  toolId: 'echo',
  effects: 'write',
  timeoutMs: 30_000,
  toolDigest: 'tool',
  argumentDigest: 'args',
};
const by = { updated_by: 'u_op', updated_at: '2026-01-01T00:00:00Z' };
const ALLOW_ALL: Gate = { name: 'allow', decide: async () => ({ allow: true }) };

interface Row {
  readonly what: string;
  readonly chain: GateChain;
  /** Whether the call takes and ends what it uses up, or only asks. */
  readonly takes: boolean;
  readonly samples: Sample[];
}

interface Sample {
  readonly cpuUs: number;
  readonly p99Ms: number;
}

/** Every gate has something to read, and allows: the dearest answer, since a denial ends the chain. */
async function configure(stores: PolicyStores, records: number): Promise<void> {
  await stores.killSwitches.set({ target: 'scope', id: 'echo.ping', engaged: false, reason: 'over', ...by });
  await stores.entitlements.assign(CONTEXT, 'all', 'u_op');
  const license_types = ['lic.echo'];
  await stores.firearms.bind(CONTEXT, { tool_id: 'echo', scope_name: 'echo.ping', license_types, ...by });
  const grant = { subject_type: 'user' as const, granted_by: 'u_op', granted_at: by.updated_at };
  await stores.firearms.grant(CONTEXT, { ...grant, license_type: 'lic.echo', subject_id: 'u_bench' });
  await Promise.all(
    Array.from({ length: records }, (_, index) => [
      stores.firearms.bind(CONTEXT, { tool_id: 'echo', scope_name: `echo.s${index}`, license_types, ...by }),
      stores.firearms.grant(CONTEXT, { ...grant, license_type: 'lic.echo', subject_id: `u_${index}` }),
    ]).flat(),
  );
  const lock = { level: 'tenant' as const, id: 't_bench', action: 'echo.ping', required: false };
  await stores.lockPolicies.save(CONTEXT, { ...lock, ...by });
  await stores.budgets.set(CONTEXT, { window: 'month', threshold_micro_usd: 1e12, ...by });
  await stores.kpis.setCorridor(CONTEXT, { kpi_name: 'errors', ceiling: 10, ...by });
  await stores.kpis.measure(CONTEXT, { kpi_name: 'errors', value: 1, at: by.updated_at, reported_by: 'u' });
  await stores.kpis.bind(CONTEXT, { tool_id: 'echo', scope_name: 'echo.ping', kpi_name: 'errors', ...by });
}

async function call({ chain, takes }: Pick<Row, 'chain' | 'takes'>): Promise<void> {
  const verdict = await chain.decide(QUESTION);
  if (!verdict.allowed) throw new Error(`denied: ${verdict.denial.deny.message}`);
  if (!takes) return;
  const hold = await chain.claim(QUESTION, verdict.claims);
  if (!('end' in hold)) throw new Error(`denied: ${hold.deny.message}`);
  // Behind the answer, as in the pipeline; its CPU counts all the same.
  ends.push(hold.end('succeeded'));
}
const ends: Promise<void>[] = [];

async function measure(row: Row): Promise<Sample> {
  const times: number[] = [];
  const before = process.cpuUsage();
  // Sixteen at a time, as many as connections of the gateway benchmark.
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (let index = 0; index < CALLS / 16; index++) {
        const started = performance.now();
        await call(row);
        times.push(performance.now() - started);
      }
    }),
  );
  await Promise.all(ends.splice(0));
  const { user, system } = process.cpuUsage(before);
  return { cpuUs: (user + system) / times.length, p99Ms: percentile(times, 99) };
}

const overall = (samples: readonly Sample[]): Sample => ({
  cpuUs: median(samples.map(({ cpuUs }) => cpuUs)),
  p99Ms: median(samples.map(({ p99Ms }) => p99Ms)),
});

const folder = await mkdtemp(join(tmpdir(), 'northstar-policy-bench-'));
const opened: Routing[] = [];
try {
  const plans = new Plans(PlansFile.parse({ plans: { all: { name: 'All', scopes: ['*'] } } }));
  const rows: Row[] = [
    { what: 'chain that allows at once', chain: new GateChain([ALLOW_ALL]), takes: true, samples: [] },
  ];
  for (const records of RECORDS) {
    const dataDir = join(folder, String(records));
    const routing = await openRouting(readConfig({ NORTHSTAR_DATA_DIR: dataDir }, folder), silentLogger);
    opened.push(routing);
    const stores = openPolicyStores(routing.stores.tabular, { plans, prices: new PriceBook(DEFAULT_PRICES) });
    await configure(stores, records);
    const chain = new GateChain(gatesInOrder(stores));
    rows.push({ what: `asking only, ${records} bindings and grants`, chain, takes: false, samples: [] });
    rows.push({ what: `every gate, ${records} bindings and grants`, chain, takes: true, samples: [] });
  }
  for (const row of rows) for (let round = 0; round < 4; round++) await measure(row);
  for (let round = 0; round < ROUNDS; round++)
    for (const row of round % 2 === 0 ? rows : [...rows].reverse()) row.samples.push(await measure(row));

  const [base, ...full] = rows.map(({ what, samples }) => ({ what, ...overall(samples) }));
  if (base === undefined) throw new Error('nothing was measured');
  console.log(
    `${'what'.padEnd(42)} ${'CPU µs'.padStart(9)} ${'+ µs'.padStart(8)} ${'p99 ms'.padStart(8)} ${'+ ms'.padStart(7)}`,
  );
  for (const { what, cpuUs, p99Ms } of [base, ...full])
    console.log(
      `${what.padEnd(42)} ${cpuUs.toFixed(1).padStart(9)} ${(cpuUs - base.cpuUs).toFixed(1).padStart(8)} ${p99Ms.toFixed(2).padStart(8)} ${(p99Ms - base.p99Ms).toFixed(2).padStart(7)}`,
    );
  const met = full.every(({ cpuUs, p99Ms }) => cpuUs - base.cpuUs <= GOAL_CPU_US && p99Ms - base.p99Ms <= GOAL_P99_MS);
  console.log(`\ngoal: at most ${GOAL_CPU_US} µs CPU and ${GOAL_P99_MS} ms of p99 more: ${met ? 'met' : 'missed'}`);
  process.exitCode = met ? 0 : 1;
} finally {
  await Promise.all(opened.map((routing) => routing.close()));
  await rm(folder, { recursive: true, force: true });
}
