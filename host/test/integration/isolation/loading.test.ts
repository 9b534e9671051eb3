import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestHost, type TestHost } from '../../../src/testing/index.ts';
import { httpClient } from '../support/http-client.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'northstar-isolates-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Tells by a global who else ran where it runs. */
const IMPL = `import { z } from 'zod';
export const In = z.object({});
export const run = () => { globalThis.seen = [...(globalThis.seen ?? []), 'call']; return { seen: globalThis.seen.length }; };
`;

async function muscle(id: string, { keys = '', impl = IMPL } = {}): Promise<void> {
  await mkdir(join(folder, id), { recursive: true });
  const scope = `{name: ${id}.run, description: Runs., handler: run, input_model: In, effects: read}`;
  await writeFile(
    join(folder, id, 'spec.yaml'),
    `id: ${id}\nname: ${id}\nsummary: Test.\n${keys}scopes:\n  - ${scope}\n`,
  );
  await writeFile(join(folder, id, 'impl.ts'), impl);
}

async function withHost<T>(muscles: string[], env: Record<string, string>, use: (host: TestHost) => Promise<T>) {
  const host = await createTestHost({ plugins: [folder], muscles, env });
  try {
    return await use(host);
  } finally {
    await host.close();
  }
}

const GROUP = 'isolation: worker\nisolation_group: together\n';

test('[ISO-09] muscles of one group share an isolate, others do not, and the operator may forbid it', async () => {
  await muscle('one', { keys: GROUP });
  await muscle('two', { keys: GROUP });
  await muscle('alone', { keys: 'isolation: worker\n' });
  const seen = async (host: TestHost) => {
    const counts: number[] = [];
    for (const id of ['one', 'two', 'alone'])
      counts.push((await httpClient(host.url, host.headers)(`/tools/${id}.run`, { json: {} })).json.seen as number);
    return counts;
  };
  expect(await withHost(['one', 'two', 'alone'], {}, seen)).toEqual([1, 2, 1]);
  expect(await withHost(['one', 'two', 'alone'], { NORTHSTAR_ISOLATION_GROUPS: 'none' }, seen)).toEqual([1, 1, 1]);
});

test('[ISO-07] an operator tightens what a spec asks for, and cannot loosen it', async () => {
  await muscle('asks_worker', { keys: 'isolation: worker\n' });
  await muscle('asks_nothing');
  const modes = async ({ registry }: TestHost) =>
    Object.fromEntries(
      registry.statuses.filter(({ isolation }) => isolation).map(({ id, isolation }) => [id, isolation?.mode]),
    );
  const both = ['asks_worker', 'asks_nothing'];
  expect(await withHost(both, { NORTHSTAR_ISOLATION: 'inline,asks_worker=inline' }, modes)).toEqual({
    asks_worker: 'worker',
  });
  expect(await withHost(both, { NORTHSTAR_ISOLATION: 'asks_worker=process' }, modes)).toEqual({
    asks_worker: 'process',
  });
  expect(await withHost(['asks_nothing'], { NORTHSTAR_ISOLATION: 'worker' }, modes)).toEqual({
    asks_nothing: 'worker',
  });
});

test.each(['worker', 'process'])(
  '[ISO-03] %s: muscles that fail while they load are told by file and line, and the others serve',
  async (mode) => {
    const broken = {
      syntax: [`${IMPL}\nconst = 3;`, 'load.import_failed', 5],
      thrower: [`${IMPL}\nthrow new Error('no database');`, 'load.import_failed', 5],
      exiting: [`${IMPL}\nprocess.exit(7);`, 'load.isolate_failed', 1],
      stuck_setup: [`${IMPL}\nexport function setup() { throw new Error('no port'); }`, 'load.setup_failed', 5],
      lost: [`${IMPL.replace('run =', 'ran =')}`, 'bind.missing_handler', 5],
    } as const;
    for (const [id, [impl]] of Object.entries(broken)) await muscle(id, { impl });
    await muscle('fine');
    await withHost([...Object.keys(broken), 'fine'], { NORTHSTAR_ISOLATION: mode }, async (host) => {
      for (const [id, [, code, line]] of Object.entries(broken))
        expect(host.registry.statuses.find((status) => status.id === id)).toMatchObject({
          state: 'failed',
          diagnostics: [{ code, line, file: expect.stringContaining(id) }],
        });
      expect((await httpClient(host.url, host.headers)('/tools/fine.run', { json: {} })).json).toEqual({ seen: 1 });
    });
  },
);
