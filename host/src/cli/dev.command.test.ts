import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NORTHSTAR } from '../../test/acceptance/repository.ts';

let folder: string;
let running: ChildProcess | undefined;
let told = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'northstar-dev-'));
  told = '';
});
afterEach(async () => {
  const ended = new Promise((resolve) => running?.once('exit', resolve));
  if (running?.kill()) await ended;
  running = undefined;
  await rm(folder, { recursive: true, force: true });
});

const IMPL = `import { z } from 'zod';\nexport const In = z.object({});\nexport const run = () => ({ ok: true });\n`;
async function muscle(id: string, impl = IMPL): Promise<string> {
  const dir = join(folder, 'mine', id);
  await mkdir(dir, { recursive: true });
  const scope = `{name: ${id}.run, description: Runs., handler: run, input_model: In, effects: read}`;
  await writeFile(join(dir, 'spec.yaml'), `id: ${id}\nname: ${id}\nsummary: Runs.\nscopes:\n  - ${scope}\n`);
  await writeFile(join(dir, 'impl.ts'), impl);
  return dir;
}

const environment = (): Record<string, string | undefined> => ({
  PATH: process.env.PATH,
  NORTHSTAR_PORT: '0',
  NORTHSTAR_DATA_DIR: join(folder, 'data'),
});

/** Starts a command that serves; resolves with its URL once it is ready. */
async function serve(args: string[], cwd = folder, env: Record<string, string> = {}): Promise<string> {
  const child = spawn(process.execPath, [NORTHSTAR, ...args], {
    cwd,
    env: { ...environment(), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  running = child;
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
  await expect.poll(() => told, { timeout: 25_000 }).toMatch(/enabled .*\n/);
  return /ready at (\S+)/.exec(told)?.[1] ?? '';
}

const northstar = (...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> =>
  new Promise((resolve) =>
    execFile(process.execPath, [NORTHSTAR, ...args], { cwd: folder, env: environment() }, (error, stdout, stderr) =>
      resolve({ status: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    ),
  );

test.each([
  { where: 'a folder of muscles that is named', args: ['--plugins', 'mine'], from: '.' },
  { where: 'the folder of one muscle', args: [], from: 'mine/solo' },
])('[CLI-05] northstar dev in $where serves, and tells what each save did, in plain text', async ({ args, from }) => {
  const dir = await muscle('solo');
  await serve(['dev', ...args], join(folder, from));
  expect(told).toContain('muscles  solo (1 tool)');
  await expect.poll(() => told).toContain('watching');
  await writeFile(join(dir, 'impl.ts'), `${IMPL}export const = 1;\n`);
  await expect.poll(() => told, { timeout: 10_000 }).toMatch(/stale solo: version .* keeps serving/);
  // A write is two: the file may be seen empty in between.
  await expect
    .poll(() => told, { timeout: 10_000 })
    .toMatch(/solo[\\/]impl\.ts:4:\d+ error load\.import_failed: .*\n +4 \| export const = 1;\n +\^/);
  await writeFile(join(dir, 'impl.ts'), IMPL);
  await expect.poll(() => told, { timeout: 10_000 }).toContain('reloaded solo 0.0.0 with 1 tool');
  expect(told).not.toContain('\u001b[');
});

test('[CLI-06] northstar muscles turns muscles of the running host on and off, and tells their state', async () => {
  await muscle('one');
  await muscle('two');
  const url = await serve(['serve'], folder, { NORTHSTAR_PLUGINS: 'mine', ENABLED_MUSCLES: 'one' });
  expect(told).toContain('enabled  by ENABLED_MUSCLES (one)');
  const enabled = await northstar('muscles', 'enable', 'two', '--url', url);
  expect(enabled).toMatchObject({ status: 0, stdout: expect.stringMatching(/two +active +1 tool/) });
  expect((await northstar('muscles', 'disable', 'one', '--url', url)).status).toBe(0);
  const { stdout } = await northstar('muscles', '--json', '--url', url);
  expect((JSON.parse(stdout) as { muscles: unknown }).muscles).toEqual([
    expect.objectContaining({ id: 'one', state: 'disabled', decided_by: 'operator' }),
    expect.objectContaining({ id: 'two', state: 'active', decided_by: 'operator' }),
  ]);
  await muscle('two', 'throw new Error("broken");');
  const reloaded = await northstar('muscles', 'reload', 'two', '--url', url);
  expect(reloaded).toMatchObject({ status: 1, stdout: expect.stringMatching(/two +stale/) });
  expect(reloaded.stderr).toContain('load.import_failed');
  expect(await northstar('muscles', 'reload', 'nobody', '--url', url)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('No muscle is called'),
  });
});

test('[CLI-06] where no host runs, a choice is stored for the next start, which says so', async () => {
  await muscle('one');
  await rename(join(folder, 'mine'), join(folder, 'plugins'));
  expect((await northstar('muscles', 'enable', 'one')).status).toBe(0);
  await serve(['serve']);
  expect(told).toContain('muscles  one (1 tool)');
  expect(told).toContain("enabled  by ENABLED_MUSCLES (none); then operators' choices (one on)");
});
