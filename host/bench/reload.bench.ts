import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { measureCallCost } from './reload-call-cost.ts';
import { measureLatency } from './reload-latency.ts';
import { writeReloadMuscles } from './reload-muscles.ts';
import { startReloadServer } from './reload-server.ts';

const HELP = `Usage: npm run bench:reload -- [--quick]

Measures reloading: from a save to the new tool, what 1,000 reloads leave behind, calls during 1,000 reloads, start-up and
memory with 10, 100 and 1,000 muscles. --quick does a tenth of it. Exits with 1 when a goal is missed. Progress goes to
stderr. Read host/bench/README.md before comparing figures.`;

const { values } = parseArgs({ options: { quick: { type: 'boolean' }, help: { type: 'boolean' } } });
const size = values.quick
  ? { saves: 15, reloads: 100, most: 100, calls: 300 }
  : { saves: 100, reloads: 1000, most: 1000, calls: 2000 };
const goals: { goal: string; met: boolean }[] = [];

async function runBench(folder: string): Promise<void> {
  console.log(`Node ${process.version}, ${process.platform}, ${availableParallelism()} CPUs\n`);
  console.log('| from a save to the new tool, listed and called | p50 ms | p95 ms | goal |');
  console.log('| --- | ---: | ---: | --- |');
  for (const [muscles, goal] of [
    [10, 150],
    [100, 300],
  ] as const) {
    progress(`save to new tool with ${muscles} muscles`);
    const { p50, p95 } = await measureLatency(join(folder, `latency-${muscles}`), muscles, size.saves);
    console.log(
      `| ${muscles} muscles, ${muscles * 5} tools | ${p50.toFixed(0)} | ${p95.toFixed(0)} | p95 < ${goal}: ${verdict(`p95 with ${muscles} muscles`, p95 < goal)} |`,
    );
  }

  progress(`${size.reloads} reloads of one muscle`);
  const heap = await repeat<{ before: number; after: number; msEach: number }>(join(folder, 'heap'), 'heap');
  const growth = (heap.after / heap.before - 1) * 100;
  console.log(
    `\nheap: ${heap.before.toFixed(1)} MiB, after ${size.reloads} reloads ${heap.after.toFixed(1)} MiB: ${growth.toFixed(1)} % (goal < 5 %: ${verdict('heap growth', growth < 5)}); ${heap.msEach.toFixed(1)} ms a reload`,
  );

  progress(`${size.reloads} reloads while 8 clients call`);
  const load = await repeat<Record<'calls' | 'failed' | 'dropped' | 'mixed' | 'versions', number>>(
    join(folder, 'load'),
    'load',
  );
  const whole = load.failed + load.dropped + load.mixed === 0;
  console.log(
    `load: ${size.reloads} reloads, ${load.calls} calls, ${load.versions} versions answered; ${load.failed} failed, ${load.dropped} dropped, ${load.mixed} mixed (goal 0: ${verdict('calls under reload', whole)})\n`,
  );

  console.log('| start-up | muscles | cold ms | warm ms | MiB RSS, warm |');
  console.log('| --- | ---: | ---: | ---: | ---: |');
  for (const file of ['impl.ts', 'impl.js'] as const)
    for (const muscles of [10, 100, 1000].filter((count) => count <= size.most)) {
      progress(`start with ${muscles} muscles, ${file}`);
      const [cold, warm] = await starts(join(folder, `start-${muscles}-${file}`), muscles, file);
      const what = file === 'impl.ts' ? 'source' : 'built';
      console.log(
        `| ${what} | ${muscles} | ${cold.startMs.toFixed(0)} | ${warm.startMs.toFixed(0)} | ${warm.rssMiB.toFixed(0)} |`,
      );
      if (file === 'impl.js' && muscles === 100)
        verdict('100 built muscles start warm in under a second', warm.startMs < 1000);
    }

  progress('cost of a call');
  const costs = await measureCallCost(join(folder, 'calls'), size.calls);
  const told = costs.map(
    ({ isolation, micros }) => `${isolation} ${Number.isNaN(micros) ? 'not available' : `${micros.toFixed(0)} µs`}`,
  );
  console.log(`\none call after another over HTTP, median: ${told.join(', ')}\n`);
  for (const { goal, met } of goals) console.log(`goal: ${goal}: ${met ? 'ok' : 'MISSED'}`);
  process.exitCode = goals.every(({ met }) => met) ? 0 : 1;
}

async function starts(folder: string, muscles: number, file: 'impl.ts' | 'impl.js') {
  const plugins = join(folder, 'plugins');
  await writeReloadMuscles(plugins, muscles, file);
  const cold = await startReloadServer(plugins, join(folder, 'data'));
  await cold.stop();
  const warm = await startReloadServer(plugins, join(folder, 'data'));
  await warm.stop();
  return [cold, warm] as const;
}

async function repeat<T>(folder: string, what: string): Promise<T> {
  const program = fileURLToPath(new URL('reload-repeats.mjs', import.meta.url));
  const args = ['--expose-gc', program, folder, what, String(size.reloads)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as T;
}

function verdict(goal: string, met: boolean): string {
  goals.push({ goal, met });
  return met ? 'ok' : 'MISSED';
}

function progress(text: string): void {
  console.error(text);
}

if (values.help) console.log(HELP);
else {
  const folder = await mkdtemp(join(tmpdir(), 'northstar-bench-'));
  try {
    await runBench(folder);
  } catch (error) {
    console.error(`error ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 2;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
