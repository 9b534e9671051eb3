import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestHost, type TestHost } from '../../src/testing/index.ts';
import { classicStdio, modernStdio } from '../acceptance/mcp-clients.ts';
import { NORTHSTAR } from '../acceptance/repository.ts';
import { expectNoUnhandledRejections } from './support/probe-host.ts';
import { implOf, pluginFolder, specOf, versionedMuscle, type PluginFolder } from './support/plugin-folder.ts';
import { CLIENTS, type Heard } from './support/sdk-clients.ts';

let plugins: PluginFolder;
let host: TestHost;
expectNoUnhandledRejections();
beforeAll(async () => {
  plugins = await pluginFolder();
  await plugins.put('heard', versionedMuscle('heard', 0));
  host = await createTestHost({ plugins: [plugins.root], muscles: ['*'], env: { NORTHSTAR_WATCH: 'on' } });
});
afterAll(async () => {
  await host.close();
  await plugins.remove();
});

describe.each(CLIENTS)('$client', ({ connect }) => {
  test('[RELOAD-05] it hears of a tool that a save adds and can call it, and hears nothing of new code alone', async () => {
    await plugins.put('heard', versionedMuscle('heard', 0));
    await expect.poll(() => host.registry.status('heard')?.tools).toEqual(['heard.run']);
    const heard: Heard = { toolsChanged: 0 };
    const client = await connect(`${host.url}/mcp`, host.headers, heard);
    // The stream on which a client listens opens a moment after it has connected; until then changes are made for it.
    let added = 0;
    await expect
      .poll(
        async () => {
          await plugins.put('heard', { 'spec.yaml': specOf('heard', ['run', `added_${added++}`]) });
          await expect.poll(() => host.registry.status('heard')?.tools).toContain(`heard.added_${added - 1}`);
          return heard.toolsChanged;
        },
        { timeout: 20_000, interval: 300 },
      )
      .toBeGreaterThan(0);
    expect((await client.call(`heard_added_${added - 1}`)).structuredContent).toEqual({ version: 0 });

    const before = heard.toolsChanged;
    await plugins.put('heard', { 'impl.ts': implOf('"new code"') });
    await expect.poll(async () => (await client.call('heard_run')).structuredContent).toEqual({ version: 'new code' });
    expect(heard.toolsChanged).toBe(before);
    // It is still listening: the next change of the list is heard.
    await plugins.put('heard', { 'spec.yaml': specOf('heard', ['run', 'last']) });
    await expect.poll(() => heard.toolsChanged).toBeGreaterThan(before);
    await client.close();
  });
});

test.each([
  { era: '2025', open: classicStdio },
  { era: '2026', open: modernStdio },
])('[RELOAD-05] a client of $era hears over stdio that the tools changed', async ({ open }) => {
  const own = await pluginFolder();
  await own.put('piped', versionedMuscle('piped', 1));
  const heard: Heard = { toolsChanged: 0 };
  const env = {
    PATH: process.env.PATH ?? '',
    ENABLED_MUSCLES: 'piped',
    NORTHSTAR_PLUGINS: own.root,
    NORTHSTAR_DATA_DIR: own.path('.data'),
    NORTHSTAR_WATCH: 'on',
  };
  const client = await open({ command: process.execPath, args: [NORTHSTAR, 'stdio'], env }, heard);
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['piped_run']);
  await own.put('piped', { 'spec.yaml': specOf('piped', ['run', 'added']) });
  await expect.poll(() => heard.toolsChanged, { timeout: 15_000 }).toBeGreaterThan(0);
  expect((await client.callTool({ name: 'piped_added', arguments: {} })).structuredContent).toEqual({ version: 1 });
  await client.close();
  await own.remove();
});
