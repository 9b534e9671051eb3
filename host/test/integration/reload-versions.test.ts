import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestHost, type TestHost } from '../../src/testing/index.ts';
import { expectNoUnhandledRejections } from './support/probe-host.ts';
import { implOf, pluginFolder, specOf, versionedMuscle, type PluginFolder } from './support/plugin-folder.ts';

/** What the muscles of this file and its tests tell each other; one process, one global object. */
interface Shared {
  release?: () => void;
  disposed: string[];
  ticks: number;
}
const shared: Shared = { disposed: [], ticks: 0 };
(globalThis as unknown as { northstarReload: Shared }).northstarReload = shared;
const release = (): void => shared.release?.();

let plugins: PluginFolder;
let host: TestHost;
expectNoUnhandledRejections();
beforeAll(async () => {
  plugins = await pluginFolder();
  await plugins.put('other', versionedMuscle('other', 'other'));
  await plugins.put('bytes', versionedMuscle('bytes', 1));
  await plugins.put('victim', versionedMuscle('victim', 1));
  host = await createTestHost({
    plugins: [plugins.root],
    muscles: ['*'],
    limits: { importMs: 5000, setupMs: 1500, drainMs: 2000, disposeMs: 200 },
  });
});
afterAll(async () => {
  await host.close();
  await plugins.remove();
});
beforeEach(() => {
  shared.disposed = [];
});

async function call(id: string, scope = 'run'): Promise<Record<string, unknown>> {
  const headers = { ...host.headers, 'Content-Type': 'application/json' };
  const answer = await fetch(`${host.url}/tools/${id}.${scope}`, { method: 'POST', headers, body: '{}' });
  return (await answer.json()) as Record<string, unknown>;
}

const slow = (version: number): string =>
  `import { z } from 'zod';
export const In = z.object({});
export const run = async () => {
  await new Promise<void>((resolve) => { globalThis.northstarReload.release = resolve; });
  return { version: ${version} };
};
export const dispose = () => void globalThis.northstarReload.disposed.push('version ${version}');`;

test('[RELOAD-03] a call ends on the version that it started on, whose resources go only after it', async () => {
  await plugins.put('slow', { 'spec.yaml': specOf('slow'), 'impl.ts': slow(1) });
  await host.control.reload('slow');
  const started = call('slow');
  await expect.poll(() => shared.release).toBeDefined();
  await plugins.put('slow', { 'impl.ts': implOf('2') });
  await host.control.reload('slow');
  expect(await call('slow')).toEqual({ version: 2 });
  expect(shared.disposed).toEqual([]);
  expect(host.registry.status('slow')).toMatchObject({ state: 'active', draining_calls: 1 });
  release();
  expect(await started).toEqual({ version: 1 });
  await expect.poll(() => shared.disposed).toEqual(['version 1']);
  expect(host.registry.status('slow')).not.toHaveProperty('draining_calls');
});

test('[RELOAD-03] a call that outlasts the deadline of its old version is told, and may be repeated', async () => {
  await plugins.put('slow', { 'impl.ts': slow(3) });
  await host.control.reload('slow');
  delete shared.release;
  const started = call('slow');
  await expect.poll(() => shared.release).toBeDefined();
  await plugins.put('slow', { 'impl.ts': implOf('4') });
  await host.control.reload('slow');
  expect(await started).toMatchObject({
    error: { code: 'muscle.failed', retryable: true, message: expect.stringContaining('replaced or switched off') },
  });
  await expect.poll(() => shared.disposed).toEqual(['version 3']);
  expect(await call('slow')).toEqual({ version: 4 });
});

test('[RELOAD-03] bytes that are still being read keep their version', async () => {
  await plugins.put('bytes', {
    'spec.yaml': `id: bytes\nname: Bytes\nsummary: Streams.\nscopes:\n  - {name: bytes.run, description: Streams., handler: run, input_model: In, effects: read, http: {method: GET, path: /bytes}}\n`,
    'impl.ts': `import { binaryResult } from '@northstar/sdk';
import { z } from 'zod';
export const In = z.object({});
export const run = () => binaryResult({ mediaType: 'application/octet-stream', size: 2, open: async () => halves() });
async function* halves() {
  yield new Uint8Array([1]);
  await new Promise<void>((resolve) => { globalThis.northstarReload.release = resolve; });
  yield new Uint8Array([2]);
}
export const dispose = () => void globalThis.northstarReload.disposed.push('bytes');`,
  });
  await host.control.reload('bytes');
  delete shared.release;
  const reading = fetch(`${host.url}/bytes`, { headers: host.headers }).then((answer) => answer.arrayBuffer());
  await expect.poll(() => shared.release).toBeDefined();
  await plugins.put('bytes', versionedMuscle('bytes', 2));
  await host.control.reload('bytes');
  expect(shared.disposed).toEqual([]);
  release();
  expect(new Uint8Array(await reading)).toEqual(new Uint8Array([1, 2]));
  await expect.poll(() => shared.disposed).toEqual(['bytes']);
});

test.each([
  { fault: 'a syntax error', impl: `${implOf('2')}export const = 1;`, code: 'load.import_failed', line: 5 },
  { fault: 'a throw at import', impl: `${implOf('2')}throw new Error('no');`, code: 'load.import_failed', line: 5 },
  {
    fault: 'a hang at import',
    impl: `${implOf('2')}await new Promise(() => {});`,
    code: 'load.import_failed',
    line: 1,
  },
  {
    fault: 'a hang in setup',
    impl: `${implOf('2')}export const setup = () => new Promise(() => {});`,
    code: 'load.setup_failed',
    line: 1,
  },
  {
    fault: 'a missing handler',
    impl: implOf('2').replace('const run', 'const runs'),
    code: 'bind.missing_handler',
    line: 5,
    file: 'spec.yaml',
  },
  {
    fault: 'an error in a helper',
    impl: implOf('h', `import { h } from './h.ts';`),
    code: 'load.import_failed',
    line: 3,
    file: 'h.ts',
  },
])(
  '[RELOAD-04] $fault leaves the version before it serving, stale, and everybody else alone',
  async ({ impl, code, line, file = 'impl.ts' }) => {
    await plugins.put('victim', { 'impl.ts': impl, 'h.ts': `export const h = 1;\n\nexport const = 2;\n` });
    const loading = host.control.reload('victim');
    expect(await call('other')).toEqual({ version: 'other' });
    expect(await loading).toMatchObject({
      state: 'stale',
      tools: ['victim.run'],
      diagnostics: [expect.objectContaining({ severity: 'error', code, line, file: plugins.path('victim', file) })],
    });
    expect(await call('victim')).toEqual({ version: 1 });
    const { muscles } = (await (await fetch(`${host.url}/health`)).json()) as { muscles: { stale: number } };
    expect(muscles.stale).toBe(1);
    await plugins.put('victim', versionedMuscle('victim', 1));
    expect(await host.control.reload('victim')).toMatchObject({ state: 'active', diagnostics: [] });
  },
);

test('[RELOAD-04] a timer that a version leaves behind, and a dispose that hangs, hold up nobody', async () => {
  const timer = `setInterval(() => { globalThis.northstarReload.ticks++; }, 5);`;
  await plugins.put('victim', {
    'impl.ts': implOf('2', `${timer}\nexport const dispose = () => new Promise(() => {});`),
  });
  await host.control.reload('victim');
  await expect.poll(() => shared.ticks).toBeGreaterThan(0);
  await plugins.put('victim', versionedMuscle('victim', 1));
  expect(await host.control.reload('victim')).toMatchObject({ state: 'active' });
  expect(await call('victim')).toEqual({ version: 1 });
  expect(await call('other')).toEqual({ version: 'other' });
  // The interval goes with its version, although nobody cleared it.
  await expect
    .poll(async () => {
      const before = shared.ticks;
      await new Promise((resolve) => setTimeout(resolve, 60));
      return shared.ticks - before;
    })
    .toBe(0);
});

test('[RELOAD-04] what a failed setup had begun is disposed', async () => {
  const files = `export const setup = () => { throw new Error('no'); };\nexport const dispose = () => void globalThis.northstarReload.disposed.push('half');`;
  await plugins.put('victim', { 'impl.ts': implOf('2', files) });
  expect(await host.control.reload('victim')).toMatchObject({ state: 'stale' });
  expect(shared.disposed).toEqual(['half']);
  await plugins.put('victim', versionedMuscle('victim', 1));
  await host.control.reload('victim');
});

test('[RELOAD-04] a version that claims a name of another muscle is refused, and served once the name is free', async () => {
  const taken = specOf('victim').replace('scopes:', 'namespace: other\nscopes:').replaceAll('victim.run', 'other.run');
  await plugins.put('victim', { 'spec.yaml': taken });
  expect(await host.control.reload('victim')).toMatchObject({
    state: 'stale',
    diagnostics: [expect.objectContaining({ code: 'load.name_collision' })],
  });
  expect(await call('victim')).toEqual({ version: 1 });
  await host.control.choose('other', false, 'test');
  await expect.poll(() => host.registry.status('victim')).toMatchObject({ state: 'active', tools: ['other.run'] });
  await plugins.put('victim', versionedMuscle('victim', 1));
  await host.control.reload('victim');
  await host.control.choose('other', true, 'test');
});
