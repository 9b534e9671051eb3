import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { text } from 'node:stream/consumers';
import { compare, forEmulator, type CompareOptions, type EngineResult } from './stores/compare.ts';
import { ENGINES, type BenchEngine } from './stores/engines/index.ts';
import { formatEngine, formatSummary, type Skipped } from './stores/format-results.ts';
import { HELP, readStoreOptions, type StoreBenchOptions } from './stores/store-bench-options.ts';

interface BenchResult {
  readonly results: readonly EngineResult[];
  readonly skipped: readonly Skipped[];
}

/** One engine, in this process. */
async function measure({ name, runsOn, open }: BenchEngine, length: CompareOptions): Promise<BenchResult> {
  try {
    console.error(`open      ${name}, ${runsOn}`);
    const rig = await open();
    try {
      const progress = (workload: string): void => console.error(`measure   ${name}, ${workload}`);
      const options = runsOn === 'an emulator' ? forEmulator({ ...length, progress }) : { ...length, progress };
      return { results: [{ engine: name, runsOn, ...(await compare(rig, options)) }], skipped: [] };
    } finally {
      await rig.close();
    }
  } catch (error) {
    return { results: [], skipped: [{ engine: name, reason: (error as Error).message.split('\n', 1)[0] ?? '' }] };
  }
}

/**
 * Each engine in a process of its own, as a host has it: what the compiler learns from nine other drivers would slow
 * down the code that they share, and their emulators would leave their garbage behind.
 */
async function runBench(
  { engines, quick, ...length }: StoreBenchOptions,
  done: (result: EngineResult) => void,
): Promise<BenchResult> {
  const all: BenchResult[] = [];
  for (const engine of ENGINES.filter(({ name }) => engines.includes(name))) {
    const one = engines.length === 1 ? await measure(engine, length) : await measureApart(engine.name, quick);
    all.push(one);
    one.results.forEach(done);
  }
  return { results: all.flatMap(({ results }) => results), skipped: all.flatMap(({ skipped }) => skipped) };
}

async function measureApart(engine: string, quick: boolean): Promise<BenchResult> {
  const args = [...process.execArgv, process.argv[1]!, '--engines', engine, '--json', ...(quick ? ['--quick'] : [])];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const printed = await text(child.stdout);
  try {
    return JSON.parse(printed) as BenchResult;
  } catch {
    return {
      results: [],
      skipped: [{ engine, reason: `its process ended with ${child.exitCode ?? child.signalCode}` }],
    };
  }
}

try {
  const options = readStoreOptions(
    process.argv.slice(2),
    ENGINES.map(({ name }) => name),
  );
  if (options.help) console.log(HELP);
  else {
    const machine = { node: process.version, platform: process.platform, cpus: availableParallelism() };
    if (!options.json) console.log(`Node ${machine.node}, ${machine.platform}, ${machine.cpus} CPUs\n`);
    // One by one: a run over all engines takes minutes.
    const { results, skipped } = await runBench(options, (result) => {
      if (!options.json) console.log(formatEngine(result));
    });
    if (options.json) console.log(JSON.stringify({ machine, results, skipped }, undefined, 2));
    else console.log(formatSummary(results, skipped));
    if (results.length === 0) process.exitCode = 2;
  }
} catch (error) {
  console.error(`error ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
