import { cp, mkdir, readFile, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestHost, type TestHost } from '../../src/testing/index.ts';
import { implOf, pluginFolder, specOf, versionedMuscle, type PluginFolder } from './support/plugin-folder.ts';

let plugins: PluginFolder;
let elsewhere: PluginFolder;
let host: TestHost;
beforeAll(async () => {
  plugins = await pluginFolder();
  elsewhere = await pluginFolder();
  for (const id of ['saved', 'twice', 'parts', 'torn', 'gone']) await plugins.put(id, versionedMuscle(id, 1));
  host = await createTestHost({ plugins: [plugins.root], muscles: ['*'], env: { NORTHSTAR_WATCH: 'on' } });
});
afterAll(async () => {
  await host.close();
  await plugins.remove();
  await elsewhere.remove();
});

/** What the muscle's first scope answers now, or the code of the refusal. */
async function versionOf(id: string): Promise<unknown> {
  const headers = { ...host.headers, 'Content-Type': 'application/json' };
  const answer = await fetch(`${host.url}/tools/${id}.run`, { method: 'POST', headers, body: '{}' });
  const body = (await answer.json()) as { version?: unknown; error?: { code: string } };
  return body.error?.code ?? body.version;
}

const serves = (id: string, version: unknown): Promise<void> =>
  expect.poll(() => versionOf(id), { timeout: 10_000, interval: 10 }).toEqual(version) as Promise<void>;

test.each([
  { how: 'written in place', save: (text: string) => writeFile(plugins.path('saved', 'impl.ts'), text) },
  { how: 'written beside it and renamed over it', save: (text: string) => plugins.replace('saved', 'impl.ts', text) },
  {
    how: 'kept as a backup and written anew',
    save: async (text: string) => {
      await rename(plugins.path('saved', 'impl.ts'), plugins.path('saved', 'impl.ts~'));
      await writeFile(plugins.path('saved', 'impl.ts'), text);
      await unlink(plugins.path('saved', 'impl.ts~'));
    },
  },
  {
    how: 'deleted and written again after a moment',
    save: async (text: string) => {
      await unlink(plugins.path('saved', 'impl.ts'));
      await pause(130);
      await writeFile(plugins.path('saved', 'impl.ts'), text);
    },
  },
])('[RELOAD-01] a file that is $how is served', async ({ how, save }) => {
  await save(implOf(JSON.stringify(how)));
  await serves('saved', how);
});

test.each([2, 10, 25, 35, 45, 60])('[RELOAD-01] of two writes %i ms apart the second is served', async (gap) => {
  const write = (text: string) => writeFile(plugins.path('twice', 'impl.ts'), implOf(JSON.stringify(text)));
  await write(`first of ${gap}`);
  await pause(gap);
  await write(`second of ${gap}`);
  await serves('twice', `second of ${gap}`);
});

test('[RELOAD-01] a save that takes its time never takes the tool away', async () => {
  const text = implOf('"whole"');
  const seen = new Set<unknown>();
  let done = false;
  const asking = (async () => {
    while (!done) seen.add(await versionOf('torn'));
  })();
  await writeFile(plugins.path('torn', 'impl.ts'), '');
  await pause(80);
  await writeFile(plugins.path('torn', 'impl.ts'), text.slice(0, text.length / 2));
  await pause(80);
  await writeFile(plugins.path('torn', 'impl.ts'), text);
  await serves('torn', 'whole');
  done = true;
  await asking;
  expect([...seen].filter((version) => version !== 1 && version !== 'whole')).toEqual([]);
});

test.each([
  { what: 'helper', file: 'lib/helper.ts', text: (n: number) => `export const value = ${n};` },
  { what: 'JSON file', file: 'data.json', text: (n: number) => `{ "value": ${n} }` },
  { what: 'built JavaScript file', file: 'lib/built.mjs', text: (n: number) => `export const value = ${n};` },
])('[RELOAD-01] a change of a $what that impl.ts imports is served', async ({ file, text }) => {
  const from = file.endsWith('.json')
    ? `import data from './${file}' with { type: 'json' };\nconst value = data.value;`
    : `import { value } from './${file}';`;
  await plugins.put('parts', { [file]: text(1), 'impl.ts': implOf('value', from) });
  await serves('parts', 1);
  await plugins.put('parts', { [file]: text(2) });
  await serves('parts', 2);
});

test('[RELOAD-01] a checkout of 50 files is served as it is in the end', async () => {
  const ids = Array.from({ length: 25 }, (_, index) => `tree_${index}`);
  const branch = async (name: string): Promise<void> => {
    for (const id of ids)
      await plugins.put(id, {
        'spec.yaml': specOf(id, ['run', name]),
        'impl.ts': implOf('version', `import { version } from './version.ts';`),
        'version.ts': `export const version = ${JSON.stringify(name)};`,
      });
  };
  await branch('main');
  for (const id of ids) await serves(id, 'main');
  await branch('topic');
  for (const id of ids) await serves(id, 'topic');
  expect(host.registry.statuses.filter(({ id }) => id.startsWith('tree_'))).toEqual(
    ids.sort().map((id) => expect.objectContaining({ id, state: 'active', tools: [`${id}.run`, `${id}.topic`] })),
  );
  for (const id of ids) await rm(plugins.path(id), { recursive: true });
  await expect.poll(() => host.registry.statuses.some(({ id }) => id.startsWith('tree_'))).toBe(false);
});

test('[RELOAD-01] a folder that is added, renamed and removed comes, moves and goes', async () => {
  await elsewhere.put('added', versionedMuscle('added', 'added'));
  await cp(elsewhere.path('added'), plugins.path('added'), { recursive: true });
  await serves('added', 'added');
  await rename(plugins.path('added'), plugins.path('moved'));
  await plugins.put('moved', versionedMuscle('moved', 'moved'));
  await serves('moved', 'moved');
  await serves('added', 'scope.not_found');
  await rm(plugins.path('moved'), { recursive: true });
  await serves('moved', 'scope.not_found');
  expect(host.registry.status('moved')).toBeUndefined();
});

test('[RELOAD-01] a folder that is replaced as a whole keeps its tools meanwhile', async () => {
  await elsewhere.put('gone', versionedMuscle('gone', 2));
  const seen = new Set<unknown>();
  let done = false;
  const asking = (async () => {
    while (!done) seen.add(await versionOf('gone'));
  })();
  await rename(plugins.path('gone'), join(elsewhere.root, 'old'));
  await pause(30);
  await rename(elsewhere.path('gone'), plugins.path('gone'));
  await serves('gone', 2);
  done = true;
  await asking;
  expect([...seen].sort()).toEqual([1, 2]);
});

test('[RELOAD-01] a linked muscle is watched where it lies, also after the link points elsewhere', async () => {
  await elsewhere.put('one/linked', versionedMuscle('linked', 1));
  await elsewhere.put('two/linked', versionedMuscle('linked', 2));
  await symlink(elsewhere.path('one/linked'), plugins.path('linked'));
  await serves('linked', 1);
  await elsewhere.put('one/linked', { 'impl.ts': implOf('1.5') });
  await serves('linked', 1.5);
  await symlink(elsewhere.path('two/linked'), plugins.path('linked.new'));
  await rename(plugins.path('linked.new'), plugins.path('linked'));
  await serves('linked', 2);
  await elsewhere.put('two/linked', { 'impl.ts': implOf('2.5') });
  await serves('linked', 2.5);
  await unlink(plugins.path('linked'));
  await serves('linked', 'scope.not_found');
});

test('[RELOAD-01] a muscle that npm installs is found and watched', async () => {
  const workspace = host.config.workspaceDir;
  const folder = join(workspace, 'node_modules/@acme/packaged');
  const files = { ...versionedMuscle('packaged', 1), 'package.json': '{"keywords": ["northstar-muscle"]}' };
  await mkdir(folder, { recursive: true });
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  await writeFile(join(workspace, 'package.json'), '{"dependencies": {"@acme/packaged": "1.0.0"}}');
  await serves('packaged', 1);
  await writeFile(join(folder, 'impl.ts'), implOf('2'));
  await serves('packaged', 2);
});

test('[RELOAD-01] saving a file unchanged, and what editors leave behind, reload nothing', async () => {
  const before = host.registry.current;
  await writeFile(plugins.path('saved', 'impl.ts'), await readFile(plugins.path('saved', 'impl.ts')));
  await plugins.put('saved', { '.impl.ts.swp': 'x', 'impl.ts~': 'x', '4913': '' });
  // A change elsewhere comes after those, and is served when they have been looked at.
  await plugins.put('twice', { 'impl.ts': implOf('"afterwards"') });
  await serves('twice', 'afterwards');
  const version = (id: string, from = host.registry.current) => from.muscles.find(({ spec }) => spec.id === id);
  expect(version('saved')).toBe(version('saved', before));
});
