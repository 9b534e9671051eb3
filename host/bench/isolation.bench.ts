import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestHost, type TestHost } from '@northstar/host/testing';
import { muscleIds, writeMuscles } from './generate-muscles.ts';
import { median, percentile } from './statistics.ts';

const MODES = ['inline', 'worker', 'process'] as const;
const CALLS = 500;
/** A muscle of a group may take at most this part of what a muscle with a thread of its own takes. */
const GROUP_SHARE = 0.25;

/** Milliseconds of each of many calls, one after the other, through the whole pipeline over HTTP. */
async function callTimes({ url, headers }: TestHost, scope: string): Promise<number[]> {
  const times: number[] = [];
  for (let call = 0; call < CALLS * 1.2; call++) {
    const started = performance.now();
    const body = JSON.stringify({ text: 'hello', times: 3 });
    const json = { ...headers, 'content-type': 'application/json' };
    const response = await fetch(`${url}/tools/${scope}`, { method: 'POST', headers: json, body });
    await response.text();
    if (!response.ok) throw new Error(`a call was answered ${response.status}`);
    times.push(performance.now() - started);
  }
  return times.slice(CALLS * 0.2);
}

async function withHost<T>(
  plugins: string,
  muscles: string[],
  env: Record<string, string>,
  use: (host: TestHost) => T,
) {
  const host = await createTestHost({ plugins: [plugins], muscles, env });
  try {
    return await use(host);
  } finally {
    await host.close();
  }
}

/**
 * MiB that the process has grown by, threads included, and milliseconds until the muscles served. Sources are transformed
 * in the isolates here, as on a first start: what was built, or started before, takes less.
 */
async function growth(plugins: string, muscles: string[], env: Record<string, string>) {
  const before = process.memoryUsage().rss;
  const started = performance.now();
  return withHost(plugins, muscles, env, () => ({
    megabytes: (process.memoryUsage().rss - before) / 1024 / 1024,
    ms: performance.now() - started,
  }));
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

  row('call', 'p50 ms', 'p95 ms', 'x inline');
  let inline: number | undefined;
  for (const mode of MODES) {
    const times = await withHost(alone, ['bench_000'], { NORTHSTAR_ISOLATION: mode }, (host) =>
      callTimes(host, 'bench_000.operation_0'),
    );
    const middle = median(await times);
    inline ??= middle;
    row(mode, middle.toFixed(2), percentile(await times, 95).toFixed(2), (middle / inline).toFixed(2));
  }

  row('memory', 'muscles', 'MiB', 'MiB each', 'start ms');
  const each: number[] = [];
  for (const [name, plugins, muscles] of [
    ['a thread each', alone, muscleIds(100)],
    ['25 a thread', grouped, hundred],
  ] as const) {
    const { megabytes, ms } = await growth(plugins, [...muscles], { NORTHSTAR_ISOLATION: 'worker' });
    each.push(megabytes / muscles.length);
    row(name, muscles.length, megabytes.toFixed(0), (megabytes / muscles.length).toFixed(2), ms.toFixed(0));
  }
  const [own = 0, shared = 0] = each;
  const met = shared <= own * GROUP_SHARE;
  process.stdout.write(
    `a muscle of a group takes ${(shared / own).toFixed(2)} of one alone: goal ${met ? 'met' : 'missed'}\n`,
  );
  if (!met) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
