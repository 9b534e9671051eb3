import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import v8 from 'node:v8';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createTestHost } from '@northstar/host/testing';
import { createJiti } from 'jiti';

// The built host is imported by Node, as it is in production; only our own TypeScript needs a transform.
const jiti = createJiti(import.meta.url);
const { busyMuscle, reloadUnderLoad } = await jiti.import('../test/integration/support/reload-under-load.ts');
const { implOf, specOf } = await jiti.import('./reload-muscles.ts');

/** Run by reload.bench.ts as a process of its own with --expose-gc; prints its result as one line of JSON. */
const [folder = '', what = '', count = '1000'] = process.argv.slice(2);
/** Reloads that fill what is filled once: caches, and code that V8 compiles for good. */
const WARM_UP = 200;
const root = join(folder, 'plugins');
const put = async (id, files) => {
  await mkdir(join(root, id), { recursive: true });
  for (const [file, text] of Object.entries(files)) await writeFile(join(root, id, file), text);
};
/** What is still reachable: V8 keeps compiled code for a while, in case the same text is run again. */
const heapMiB = async () => {
  for (let round = 0; round < 5; round++) {
    globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  // Collects whatever can be, which gc() alone does not; on Node 20.13 and later.
  v8.queryObjects?.(Array, { format: 'count' });
  return process.memoryUsage().heapUsed / 1024 / 1024;
};
await put('one', { 'spec.yaml': specOf('one'), 'impl.ts': implOf(0) });
await put('busy', busyMuscle(0));
const host = await createTestHost({ plugins: [root], muscles: ['*'], dataDir: join(folder, 'data') });
console.log(JSON.stringify(what === 'heap' ? await growth() : await load()));
await host.close();

/** Heap after so many reloads beside the heap after the first ones, which fill caches once. */
async function growth() {
  const reload = async (version) => {
    await put('one', { 'impl.ts': implOf(version) });
    await host.control.reload('one');
  };
  for (let version = 1; version <= WARM_UP; version++) await reload(version);
  const before = await heapMiB();
  const begun = performance.now();
  for (let version = WARM_UP + 1; version <= WARM_UP + Number(count); version++) await reload(version);
  const msEach = (performance.now() - begun) / Number(count);
  return { reloads: Number(count), before, after: await heapMiB(), msEach };
}

async function load() {
  const clients = await Promise.all(
    Array.from({ length: 8 }, async (_, index) => {
      const mode = index % 2 === 0 ? 'auto' : 'legacy';
      const client = new Client({ name: 'bench', version: '1.0.0' }, { versionNegotiation: { mode } });
      await client.connect(
        new StreamableHTTPClientTransport(new URL(`${host.url}/mcp`), { requestInit: { headers: host.headers } }),
      );
      return { call: (name) => client.callTool({ name, arguments: {} }), close: () => client.close() };
    }),
  );
  const report = await reloadUnderLoad(host, { plugins: { put }, clients, reloads: Number(count) });
  for (const client of clients) await client.close();
  return report;
}
