import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { HELP, readOptions, type BenchOptions } from './bench-options.ts';
import { benchRows, northstarServer, SDK_SERVER, TOOL_COUNTS } from './bench-rows.ts';
import { formatGoal, formatTable } from './format-summary.ts';
import { startLoad, type LoadProcess } from './load-process.ts';
import { measure } from './measure.ts';
import { startBareSdk, startNorthstar, type ServerProcess } from './server-process.ts';
import { summarize, type Summary } from './summarize.ts';

async function runBench(options: BenchOptions): Promise<Summary> {
  const folder = await mkdtemp(join(tmpdir(), 'northstar-bench-'));
  const servers = new Map<string, ServerProcess>();
  let load: LoadProcess | undefined;
  try {
    progress('start     the bare SDK server and Northstar with each number of tools');
    servers.set(SDK_SERVER, await startBareSdk());
    for (const count of TOOL_COUNTS)
      servers.set(northstarServer(count), await startNorthstar(join(folder, String(count)), count));
    load = startLoad();
    const rows = benchRows();
    return summarize(rows, await measure({ rows, servers, load, options, progress }));
  } finally {
    load?.stop();
    await Promise.all([...servers.values()].map((server) => server.stop()));
    await rm(folder, { recursive: true, force: true });
  }
}

function progress(text: string): void {
  console.error(text);
}

function print(options: BenchOptions, summary: Summary): void {
  const machine = { node: process.version, platform: process.platform, cpus: availableParallelism() };
  const { connections, rounds, blockMs } = options;
  if (options.json) {
    console.log(JSON.stringify({ machine, options: { connections, rounds, blockMs }, ...summary }, undefined, 2));
    return;
  }
  console.log(
    `Node ${machine.node}, ${machine.platform}, ${machine.cpus} CPUs; ${connections} connections, medians of ${rounds} rounds of ${blockMs} ms\n`,
  );
  console.log(`${formatTable(summary)}\n`);
  console.log(formatGoal(summary.goal));
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) console.log(HELP);
  else {
    const summary = await runBench(options);
    print(options, summary);
    process.exitCode = summary.goal.met ? 0 : 1;
  }
} catch (error) {
  console.error(`error ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
