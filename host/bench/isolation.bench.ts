import { execFile } from 'node:child_process';
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';
import { muscleIds, writeMuscles } from './generate-muscles.ts';
import { startReloadServer } from './reload-server.ts';
import { median, percentile } from './statistics.ts';

const MODES = ['inline', 'worker', 'process'] as const;
const CALLS = 500;
/** A muscle of a group may take at most this part of what a muscle with a thread of its own takes. */
const GROUP_SHARE = 0.25;
/** What a hundred of them, in groups of 50 to a thread, may add to the host once it does not start for the first time. */
const MOST_MIB = 150;

function verdict(goal: string, met: boolean): void {
  process.stdout.write(`${goal}: goal ${met ? 'met' : 'missed'}\n`);
  if (!met) process.exitCode = 1;
}

const HEADERS = {
  'X-Mode': 'lab',
  'X-Tenant-Id': 't_bench',
  'X-Project-Id': 'p_bench',
  'Content-Type': 'application/json',
};

/** Milliseconds of each of many calls, one after the other, through the whole pipeline over HTTP. */
async function callTimes(url: string, scope: string): Promise<number[]> {
  const times: number[] = [];
  for (let call = 0; call < CALLS * 1.2; call++) {
    const started = performance.now();
    const body = JSON.stringify({ text: 'hello', times: 3 });
    const response = await fetch(`${url}/tools/${scope}`, { method: 'POST', headers: HEADERS, body });
    await response.text();
    if (!response.ok) throw new Error(`a call was answered ${response.status}`);
    times.push(performance.now() - started);
  }
  return times.slice(CALLS * 0.2);
}

interface Growth {
  readonly muscles: number;
  readonly mebibytes: number;
  readonly ms: number;
}

/** What isolation-memory.mjs says of these muscles, in a process of its own. A data folder used before is a warm start. */
async function growth(plugins: string, dataDir: string): Promise<Growth> {
  const program = fileURLToPath(new URL('isolation-memory.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program, plugins, dataDir]);
  return JSON.parse(stdout) as Growth;
}

const row = (...cells: (string | number)[]): void => {
  process.stdout.write(`${cells.map((cell) => String(cell).padStart(14)).join('')}\n`);
};

const folder = await mkdtemp(join(tmpdir(), 'northstar-bench-'));
try {
  const [alone, grouped] = [join(folder, 'alone'), join(folder, 'grouped')];
  await writeMuscles(alone, 100);
  await writeMuscles(grouped, 1000);
  const hundred = muscleIds(1000);
  for (const id of hundred) await appendFile(join(grouped, id, 'spec.yaml'), 'isolation_group: bench\n');
  const built = join(folder, 'built');
  for (const id of hundred) {
    await cp(join(grouped, id), join(built, id), { recursive: true });
    const { outputText } = ts.transpileModule(await readFile(join(built, id, 'impl.ts'), 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
    });
    await writeFile(join(built, id, 'impl.js'), outputText);
    await rm(join(built, id, 'impl.ts'));
    await writeFile(join(built, id, 'package.json'), '{"type":"module"}');
  }

  row('call', 'p50 ms', 'p95 ms', 'x inline');
  let inline: number | undefined;
  for (const mode of MODES) {
    // In a process of its own: the hooks by which this program runs TypeScript are none of a host's.
    const env = { NORTHSTAR_ISOLATION: mode, ENABLED_MUSCLES: 'bench_000' };
    const host = await startReloadServer(alone, join(folder, 'data', mode), env);
    const times = await callTimes(host.url, 'bench_000.operation_0').finally(() => host.stop());
    const middle = median(times);
    inline ??= middle;
    row(mode, middle.toFixed(2), percentile(times, 95).toFixed(2), (middle / inline).toFixed(2));
  }

  row('memory', 'muscles', 'MiB', 'MiB each', 'start ms');
  const measured: Growth[] = [];
  for (const [name, plugins, data] of [
    ['a thread each', alone, 'alone'],
    ['  again', alone, 'alone'],
    ['50 a thread', grouped, 'grouped'],
    ['  again', grouped, 'grouped'],
    ['built', built, 'built'],
    ['  again', built, 'built'],
  ] as const) {
    const found = await growth(plugins, join(folder, 'data', data));
    measured.push(found);
    const { muscles, mebibytes, ms } = found;
    row(name, muscles, mebibytes.toFixed(0), (mebibytes / muscles).toFixed(2), ms.toFixed(0));
  }
  const [, own, , again, , asBuilt] = measured.map(({ mebibytes, muscles }) => mebibytes / muscles);
  verdict(`a muscle of a group takes ${(again! / own!).toFixed(2)} of one alone`, again! <= own! * GROUP_SHARE);
  verdict(`100 muscles in groups take about ${MOST_MIB} MiB`, Math.max(again!, asBuilt!) * 100 <= MOST_MIB * 1.1);
} finally {
  await rm(folder, { recursive: true, force: true });
}
