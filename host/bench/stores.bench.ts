import { availableParallelism } from 'node:os';
import { compare, forEmulator, type EngineResult } from './stores/compare.ts';
import { ENGINES } from './stores/engines/index.ts';
import { formatEngine, formatSummary, type Skipped } from './stores/format-results.ts';
import { HELP, readStoreOptions, type StoreBenchOptions } from './stores/store-bench-options.ts';

async function runBench({ engines, ...length }: StoreBenchOptions, done: (result: EngineResult) => void) {
  const results: EngineResult[] = [];
  const skipped: Skipped[] = [];
  for (const engine of ENGINES) {
    if (!engines.includes(engine.name)) continue;
    try {
      console.error(`open      ${engine.name}, ${engine.runsOn}`);
      const rig = await engine.open();
      try {
        const { name, runsOn } = engine;
        const progress = (workload: string): void => console.error(`measure   ${name}, ${workload}`);
        const options = runsOn === 'an emulator' ? forEmulator({ ...length, progress }) : { ...length, progress };
        const result = { engine: name, runsOn, ...(await compare(rig, options)) };
        results.push(result);
        done(result);
      } finally {
        await rig.close();
      }
    } catch (error) {
      skipped.push({ engine: engine.name, reason: (error as Error).message.split('\n', 1)[0] ?? '' });
    }
  }
  return { results, skipped };
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
