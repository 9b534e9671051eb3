import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { createTestHost } from '@northstar/host/testing';

/**
 * Run by isolation.bench.ts as a process of its own with --expose-gc: how much a host of the built packages grows by its
 * muscles, all in threads, as one line of JSON. MiB of resident memory of the whole process, threads, caches and a spare
 * isolate included, two seconds after the muscles serve; milliseconds until they do.
 */
const [plugins, dataDir] = process.argv.slice(2);
const residentMiB = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
globalThis.gc?.();
const before = residentMiB();
const begun = performance.now();
const host = await createTestHost({
  plugins: [plugins],
  muscles: ['*'],
  dataDir,
  env: { NORTHSTAR_ISOLATION: 'worker' },
});
const ms = performance.now() - begun;
await pause(2000);
globalThis.gc?.();
const muscles = host.registry.statuses.filter(({ state }) => state === 'active').length;
console.log(JSON.stringify({ muscles, mebibytes: residentMiB() - before, ms }));
await host.close();
