import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NORTHSTAR, ROOT } from '../../test/acceptance/repository.ts';
import { implOf, pluginFolder, specOf, type PluginFolder } from '../../test/integration/support/plugin-folder.ts';

const HEADERS = { 'X-Mode': 'lab', 'X-Tenant-Id': 't_a', 'X-Project-Id': 'p_a', 'Content-Type': 'application/json' };
/** What `run` of each muscle leaves behind, at line 2 of its impl.ts. */
const FAULTS = {
  timer: `const fault = () => void setTimeout(() => { throw new Error('thrown in a timer'); }, 1);`,
  rejection: `const fault = () => void Promise.reject(new Error('rejected and never handled'));`,
  event: `const fault = () => void process.nextTick(() => { throw new Error('thrown in an event'); });`,
};

let plugins: PluginFolder;
let child: ChildProcess;
let url = '';
let log = '';
beforeAll(async () => {
  plugins = await pluginFolder();
  await plugins.put('other', { 'spec.yaml': specOf('other'), 'impl.ts': implOf('1') });
  await plugins.put('stranger', {
    'spec.yaml': specOf('stranger'),
    'impl.ts': implOf(`(setTimeout(() => { throw 'no error at all'; }, 1), 1)`),
  });
  for (const [id, fault] of Object.entries(FAULTS))
    await plugins.put(id, { 'spec.yaml': specOf(id), 'impl.ts': implOf('(fault(), 1)', fault) });
  child = spawn(process.execPath, [NORTHSTAR, 'serve'], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      NORTHSTAR_PORT: '0',
      ENABLED_MUSCLES: '*',
      NORTHSTAR_PLUGINS: plugins.root,
      NORTHSTAR_DATA_DIR: `${plugins.root}/.data`,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  url = await new Promise<string>((resolve, reject) => {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      const ready = /ready at (http:\S+)/.exec(log)?.[1];
      if (ready !== undefined) resolve(ready);
    });
    child.once('exit', () => reject(new Error(log)));
  });
});
afterAll(async () => {
  const ended = once(child, 'exit');
  child.kill();
  await ended;
  await plugins.remove();
});

const call = async (id: string): Promise<unknown> =>
  (await fetch(`${url}/tools/${id}.run`, { method: 'POST', headers: HEADERS, body: '{}' })).json();
const status = async (id: string): Promise<{ state: string; diagnostics: { message: string }[] } | undefined> => {
  const { muscles } = (await (await fetch(`${url}/admin/muscles`, { headers: HEADERS })).json()) as {
    muscles: { id: string; state: string; diagnostics: { message: string }[] }[];
  };
  return muscles.find((muscle) => muscle.id === id);
};

test.each(Object.keys(FAULTS))(
  '[LOAD-11] %s: an error that nobody could catch is told of the muscle it came from, and all are served on',
  async (id) => {
    expect(await call(id)).toEqual({ version: 1 });
    const file = plugins.path(id, 'impl.ts');
    await expect
      .poll(() => status(id), { timeout: 10_000 })
      .toMatchObject({ state: 'active', diagnostics: [{ code: 'load.uncaught_error', file, line: 2 }] });
    const entry = log.split('\n').find((line) => line.includes(`"muscle":"${id}"`));
    expect(entry).toContain(id === 'rejection' ? 'unhandled rejection in a muscle' : 'uncaught exception in a muscle');
    expect(await call(id)).toEqual({ version: 1 });
    expect(await call('other')).toEqual({ version: 1 });
    expect((await status('other'))?.diagnostics).toEqual([]);
    await expect.poll(async () => (await status(id))?.diagnostics[0]?.message).toContain('2 times');
    await fetch(`${url}/admin/muscles/${id}/reload`, { method: 'POST', headers: HEADERS });
    expect((await status(id))?.diagnostics).toEqual([]);
  },
);

test('[LOAD-11] what tells nothing of where it was thrown is logged, and blamed on nobody', async () => {
  expect(await call('stranger')).toEqual({ version: 1 });
  await expect.poll(() => log, { timeout: 10_000 }).toContain('no error at all');
  expect(log).toContain('uncaught exception, most likely in a muscle');
  expect((await status('stranger'))?.diagnostics).toEqual([]);
  expect(await call('other')).toEqual({ version: 1 });
});
