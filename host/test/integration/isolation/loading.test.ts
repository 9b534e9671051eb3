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
      throwing_setup: [`${IMPL}\nexport function setup() { throw new Error('no port'); }`, 'load.setup_failed', 5],
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

/** What hangs while it loads, and how it is told: an isolate that still answers says itself what did not finish. */
const HANGS = {
  waiting_import: {
    more: 'await new Promise(() => {});',
    code: 'load.import_failed',
    says: 'did not finish importing',
  },
  looping_import: { more: 'for (;;);', code: 'load.isolate_failed', says: 'hung' },
  waiting_setup: {
    more: 'export const setup = () => new Promise(() => {});',
    code: 'load.setup_failed',
    says: 'setup did not finish',
  },
  looping_setup: { more: 'export const setup = () => { for (;;); };', code: 'load.isolate_failed', says: 'hung' },
} as const;

test.each(['worker', 'process'])(
  '[ISO-11] %s: what hangs while it is imported or set up is given up and told, and the others serve meanwhile',
  async (mode) => {
    await muscle('steady');
    for (const id of Object.keys(HANGS)) await muscle(id);
    const limits = { importMs: 4000, setupMs: 1000 };
    const muscles = [...Object.keys(HANGS), 'steady'];
    const host = await createTestHost({ plugins: [folder], muscles, limits, env: { NORTHSTAR_ISOLATION: mode } });
    const call = (id: string) => httpClient(host.url, host.headers)(`/tools/${id}.run`, { json: {} });
    try {
      for (const [id, { more }] of Object.entries(HANGS)) await muscle(id, { impl: `${IMPL}\n${more}` });
      const loads = Object.keys(HANGS).map(async (id) => ({ id, status: await host.control.reload(id) }));
      const over = Promise.all(loads);
      let settled = false;
      void over.then(() => (settled = true));
      // The versions before serve on while the new ones hang, and so does everybody else.
      for (let count = 1; !settled || count < 3; count++) {
        expect((await call('steady')).json).toEqual({ seen: count });
        expect((await call('looping_import')).status).toBe(200);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      for (const { id, status } of await over) {
        const { code, says } = HANGS[id as keyof typeof HANGS];
        expect(status).toMatchObject({ id, state: 'stale', diagnostics: [{ severity: 'error', code }] });
        expect(status?.diagnostics[0]?.message).toContain(says);
        expect((await call(id)).status).toBe(200);
      }
    } finally {
      await host.close();
    }
  },
  60_000,
);

test('[ISO-09] a timer that a version leaves behind in a shared isolate goes with it, and the others of its group stay', async () => {
  const ticking = (version: number) => `import { z } from 'zod';
export const In = z.object({});
setInterval(() => { globalThis.ticks = { ...globalThis.ticks, v${version}: (globalThis.ticks?.v${version} ?? 0) + 1 }; }, 5);
export const run = () => ({ ticks: globalThis.ticks ?? {} });
`;
  await muscle('ticking', { keys: GROUP, impl: ticking(1) });
  await muscle('beside', { keys: GROUP });
  await withHost(['ticking', 'beside'], {}, async (host) => {
    const call = httpClient(host.url, host.headers);
    const ticks = async () => (await call('/tools/ticking.run', { json: {} })).json.ticks as Record<string, number>;
    await expect.poll(async () => (await ticks()).v1).toBeGreaterThan(2);
    await muscle('ticking', { keys: GROUP, impl: ticking(2) });
    await host.control.reload('ticking');
    await expect.poll(async () => (await ticks()).v2).toBeGreaterThan(2);
    await expect
      .poll(async () => {
        const before = await ticks();
        await new Promise((resolve) => setTimeout(resolve, 60));
        return (await ticks()).v1! - before.v1!;
      })
      .toBe(0);
    expect((await call('/tools/beside.run', { json: {} })).json).toEqual({ seen: 1 });
  });
});
