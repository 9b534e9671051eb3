import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pluginFolder, specOf, type PluginFolder } from './support/plugin-folder.ts';

const PROGRAM = fileURLToPath(new URL('../fixtures/start-watched.mjs', import.meta.url));
const IMPL = `import { z } from 'zod';
export const In = z.object({ tags: z.array(z.object({ key: z.string(), value: z.number().optional() })).default([]) });
export const run = () => ({ version: 1 });
`;
const MUSCLES = 100;
let plugins: PluginFolder;
beforeAll(async () => {
  plugins = await pluginFolder();
  for (let index = 0; index < MUSCLES; index++) {
    const id = `built_${index}`;
    await plugins.put(id, { 'spec.yaml': specOf(id), 'impl.js': IMPL, 'package.json': '{"type":"module"}' });
  }
});
afterAll(() => plugins.remove());

interface Start {
  readonly startMs: number;
  readonly longestMs: number;
  readonly jiti: boolean;
  readonly active: number;
}

/** A start of the built host in a process of its own. */
async function start(): Promise<Start> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, plugins.root, join(plugins.root, '.data')]);
  return JSON.parse(stdout) as Start;
}

test('[LOAD-10] a hundred built muscles start without jiti, and others get their turns meanwhile', async () => {
  await start();
  const warm = await start();
  expect(warm).toMatchObject({ active: MUSCLES, jiti: false });
  // Relative to the start as a whole, since a busy machine makes both longer.
  expect(warm.longestMs / warm.startMs).toBeLessThan(1 / 2);
  // What says that there was no jiti says so where there is one.
  await plugins.put('source', { 'spec.yaml': specOf('source'), 'impl.ts': IMPL });
  expect(await start()).toMatchObject({ active: MUSCLES + 1, jiti: true });
});
