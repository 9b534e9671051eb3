import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { muscleId, specOf, writeReloadMuscles } from './reload-muscles.ts';
import { startReloadServer } from './reload-server.ts';
import { percentile } from './statistics.ts';

export interface Latency {
  readonly muscles: number;
  /** Milliseconds from the save to the answer of the new tool. */
  readonly p50: number;
  readonly p95: number;
}

/** Milliseconds between two saves, so that one is over before the next begins. */
const REST_MS = 250;

/** Saves a spec.yaml with a new tool; a connected client hears of it, lists, finds it and calls it. */
export async function measureLatency(folder: string, muscles: number, saves: number): Promise<Latency> {
  const plugins = join(folder, 'plugins');
  await writeReloadMuscles(plugins, muscles, 'impl.ts');
  const server = await startReloadServer(plugins, join(folder, 'data'), { NORTHSTAR_WATCH: 'on' });
  const headers = { 'X-Mode': 'lab', 'X-Tenant-Id': 't_bench', 'X-Project-Id': 'p_bench' };
  const client = new Client({ name: 'bench', version: '1.0.0' });
  let changed = (): void => undefined;
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => changed());
  await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit: { headers } }));
  // The stream on which the client listens opens a moment after it has connected.
  await rest(1000);
  const taken: number[] = [];
  for (let save = 0; save < saves + 3; save++) {
    const id = muscleId(save % muscles);
    const tool = `${id}_added_${save}`;
    const heard = new Promise<void>((resolve) => (changed = resolve));
    const begun = performance.now();
    await writeFile(join(plugins, id, 'spec.yaml'), specOf(id, [`added_${save}`]));
    await heard;
    const { tools } = await client.listTools();
    if (!tools.some(({ name }) => name === tool)) throw new Error(`${tool} is not listed after its notification`);
    const answer = await client.callTool({ name: tool, arguments: {} });
    if (answer.isError) throw new Error(`${tool} does not answer`);
    // The first saves warm the host up.
    if (save >= 3) taken.push(performance.now() - begun);
    await rest(REST_MS);
  }
  await client.close();
  await server.stop();
  return { muscles, p50: percentile(taken, 50), p95: percentile(taken, 95) };
}

const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
