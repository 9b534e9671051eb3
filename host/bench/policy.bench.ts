import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GuardedScope } from '../src/policy/guarded-scope.ts';
import type { TestHost } from '../src/testing/create-test-host.ts';
import { CALLER, hostWithEmptyChain, hostWithEveryGate } from './policy-hosts.ts';
import { median, percentile } from './statistics.ts';

/**
 * What the chain adds to a call of echo.ping: the whole governed call through the pipeline of a real host on the
 * embedded store, arguments checked, decision on disk before the handler and outcome behind it, with every gate
 * configured, beside the same call with a chain that allows at once. All hosts live in one process and take turns.
 */
const RECORDS = [10, 10_000];
const quick = process.argv.includes('--quick');
const ROUNDS = quick ? 6 : 16;
const CALLS = quick ? 320 : 480;
const GOAL_CPU_US = 150;
const GOAL_P99_MS = 2;
/** The two hosts with every gate may differ by this much, which is what the machine's noise is. */
const FLAT = 1.25;
/** As many as connections of the gateway benchmark. */
const AT_ONCE = 16;

interface Row {
  readonly what: string;
  readonly host: TestHost;
  readonly scope: GuardedScope;
  readonly cpuUs: number[];
  /** Of calls one after another. */
  readonly latencies: number[];
}

function rowOf(what: string, host: TestHost): Row {
  const tool = host.registry.current.tools.find(({ spec }) => spec.name === 'echo.ping');
  if (tool === undefined) throw new Error('echo.ping is not loaded');
  return { what, host, scope: tool.guarded, cpuUs: [], latencies: [] };
}

async function call({ host, scope }: Row): Promise<number> {
  const started = performance.now();
  const outcome = await host.pipeline.invoke({ scope, context: CALLER, args: { message: 'hello' }, io: {} });
  if (!outcome.ok) throw new Error(`refused: ${outcome.envelope.error.message}`);
  return performance.now() - started;
}

/** CPU of the whole process, its settlements behind the answers included. */
async function cpuOf(row: Row): Promise<number> {
  const before = process.cpuUsage();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let index = 0; index < CALLS / AT_ONCE; index++) await call(row);
    }),
  );
  await row.host.pipeline.drain();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CALLS;
}

async function oneAfterAnother(row: Row): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < CALLS / 4; index++) times.push(await call(row));
  await row.host.pipeline.drain();
  return times;
}

const folder = await mkdtemp(join(tmpdir(), 'northstar-policy-bench-'));
const rows: Row[] = [];
const dataDir = async (name: string): Promise<string> => {
  await mkdir(join(folder, name));
  return join(folder, name);
};
try {
  rows.push(rowOf('empty chain', await hostWithEmptyChain(await dataDir('empty'))));
  for (const records of RECORDS)
    rows.push(
      rowOf(
        `every gate, ${records} bindings and grants`,
        await hostWithEveryGate(await dataDir(String(records)), records),
      ),
    );
  for (let round = 0; round < 4; round++) for (const row of rows) await cpuOf(row);
  for (let round = 0; round < ROUNDS; round++)
    for (const row of round % 2 === 0 ? rows : [...rows].reverse()) {
      row.cpuUs.push(await cpuOf(row));
      row.latencies.push(...(await oneAfterAnother(row)));
    }
  report();
} finally {
  await Promise.all(rows.map(({ host }) => host.close()));
  await rm(folder, { recursive: true, force: true });
}

function report(): void {
  const base = rows[0]!.cpuUs;
  const results = rows.map(({ what, cpuUs, latencies }) => ({
    what,
    cpu: median(cpuUs),
    // Within each round: what slows the machine down slows both.
    more: median(cpuUs.map((value, round) => value - base[round]!)),
    p50: percentile(latencies, 50),
    p99: percentile(latencies, 99),
  }));
  const [empty, few, many] = results as [(typeof results)[0], (typeof results)[0], (typeof results)[0]];
  const columns = ['CPU µs', '+ CPU µs', 'p50 ms', '+ p50 ms', 'p99 ms', '+ p99 ms'];
  console.log(`${'echo.ping'.padEnd(38)}${columns.map((column) => column.padStart(10)).join('')}`);
  for (const { what, cpu, more, p50, p99 } of results) {
    const figures = [cpu.toFixed(0), more.toFixed(0), p50.toFixed(2), (p50 - empty.p50).toFixed(2)];
    const last = [p99.toFixed(2), (p99 - empty.p99).toFixed(2)];
    console.log(`${what.padEnd(38)}${[...figures, ...last].map((figure) => figure.padStart(10)).join('')}`);
  }
  const full = [few, many];
  const goals: [string, boolean][] = [
    [`at most ${GOAL_CPU_US} µs of CPU more`, full.every(({ more }) => more <= GOAL_CPU_US)],
    [`at most ${GOAL_P99_MS} ms of p99 more`, full.every(({ p99 }) => p99 - empty.p99 <= GOAL_P99_MS)],
    [`10,000 at most ${FLAT} times the CPU of 10`, many.cpu <= few.cpu * FLAT],
  ];
  console.log(`\nCPU: ${AT_ONCE} calls in flight. Latency: one call after another.`);
  for (const [goal, met] of goals) console.log(`goal: ${goal}: ${met ? 'met' : 'missed'}`);
  process.exitCode = goals.every(([, met]) => met) ? 0 : 1;
}
