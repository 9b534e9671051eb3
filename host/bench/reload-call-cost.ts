import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { implOf, specOf } from './reload-muscles.ts';
import { startReloadServer } from './reload-server.ts';
import { median } from './statistics.ts';

export interface CallCost {
  readonly isolation: string;
  /** Median of one call after another over HTTP; NaN where the host does not run this isolation. */
  readonly micros: number;
}

/** The same muscle in every isolation, side by side in one host, called in turns. */
export async function measureCallCost(folder: string, calls: number): Promise<CallCost[]> {
  const plugins = join(folder, 'plugins');
  const modes = ['inline', 'worker', 'process'];
  for (const mode of modes) {
    const dir = join(plugins, `in_${mode}`);
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, 'spec.yaml'), specOf(`in_${mode}`, [], mode));
    await writeFile(join(dir, 'impl.ts'), implOf(0));
  }
  const server = await startReloadServer(plugins, join(folder, 'data'));
  const headers = {
    'X-Mode': 'lab',
    'X-Tenant-Id': 't_bench',
    'X-Project-Id': 'p_bench',
    'Content-Type': 'application/json',
  };
  const taken = new Map<string, number[]>(modes.map((mode) => [mode, []]));
  for (let call = 0; call < calls; call++)
    for (const mode of modes) {
      const begun = performance.now();
      const url = `${server.url}/tools/in_${mode}.operation_0`;
      const answer = await fetch(url, { method: 'POST', headers, body: '{"text":"hello"}' });
      await answer.text();
      if (answer.ok && call >= calls / 10) taken.get(mode)?.push((performance.now() - begun) * 1000);
    }
  await server.stop();
  return modes.map((isolation) => ({ isolation, micros: median(taken.get(isolation) ?? []) }));
}
