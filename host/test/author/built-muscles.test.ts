import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildMuscle, HOST_MODULES, packMuscle, type Manifest } from '@northstar/sdk/build';
import { createMuscle } from '@northstar/sdk/scaffold';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOST_MODULES as GIVEN } from '../../src/muscles/host-modules.ts';
import { createTestHost } from '../../src/testing/index.ts';
import { PLUGINS, ROOT } from '../acceptance/repository.ts';
import { emptyFolder, removeFolder } from './packed-packages.ts';
import { runNpm } from './run-command.ts';

let home: string;
/** Muscles that were built, with nothing of their sources and no packages around them. */
let built: string;
const manifests = new Map<string, Manifest>();

beforeAll(async () => {
  home = await emptyFolder('built');
  built = join(home, 'built');
  const dir = join(ROOT, 'host/out', `built-${process.pid}`);
  await mkdir(dir, { recursive: true });
  await createMuscle({ id: 'notes', template: 'read-write', parent: dir, layout: 'workspace', cwd: ROOT });
  for (const [id, source] of Object.entries({ media_v2: join(PLUGINS, 'media_v2'), notes: join(dir, 'notes') }))
    manifests.set(id, await buildMuscle({ dir: source, out: join(built, id) }));
  await rm(dir, { recursive: true });
});
afterAll(() => removeFolder(home));

test('[AUTHOR-13] a build leaves to the host exactly what the host gives', () => {
  expect([...HOST_MODULES].sort()).toEqual(Object.keys(GIVEN).sort());
});

test('[AUTHOR-13] the host serves built muscles without their sources, and they do what the sources do', async () => {
  const host = await createTestHost({ plugins: [built], muscles: ['notes', 'media_v2'] });
  expect(host.registry.statuses.map(({ id, state, diagnostics }) => ({ id, state, diagnostics }))).toEqual(
    ['media_v2', 'notes'].map((id) => ({ id, state: 'active', diagnostics: [] })),
  );
  const call = async (scope: string, args: object): Promise<{ status: number; body: unknown }> => {
    const headers = { ...host.headers, 'Content-Type': 'application/json' };
    const answer = await fetch(`${host.url}/tools/${scope}`, { method: 'POST', headers, body: JSON.stringify(args) });
    return { status: answer.status, body: await answer.json() };
  };
  const added = await call('notes.add_note', { text: 'buy milk' });
  expect(added).toMatchObject({ status: 200, body: { text: 'buy milk' } });
  expect(await call('notes.get_note', { note_id: (added.body as { note_id: string }).note_id })).toEqual(added);
  // A MuscleError of the built code is one of the host's: its own code and status reach the caller.
  expect(await call('notes.get_note', { note_id: 'nobody' })).toMatchObject({
    status: 404,
    body: { error: { code: 'notes.not_found' } },
  });
  expect(await call('media_v2.create_asset', { name: 'a.txt', text: 'hi' })).toMatchObject({
    status: 200,
    body: { size: 2 },
  });
  await host.close();
});

test('[AUTHOR-13] the manifest states for each scope the digest that audit records state', async () => {
  const host = await createTestHost({ plugins: [PLUGINS], muscles: ['media_v2'] });
  const sealed = Object.fromEntries(
    host.registry.current.tools.map(({ spec, guarded }) => [spec.name, guarded.digest]),
  );
  const stated = Object.fromEntries(manifests.get('media_v2')?.scopes.map(({ name, digest }) => [name, digest]) ?? []);
  expect(stated).toEqual(sealed);
  await host.close();
});

test('[AUTHOR-13] a packed muscle that npm installed is found and served under its id', async () => {
  const { file } = await packMuscle(join(built, 'media_v2'), join(home, 'tarballs'));
  const workspace = join(home, 'workspace');
  await mkdir(workspace);
  await writeFile(join(workspace, 'package.json'), '{"name":"operator","private":true}');
  const installed = await runNpm(['install', '--offline', '--no-audit', '--no-fund', file], workspace);
  expect(installed).toMatchObject({ status: 0 });
  expect(await readFile(join(workspace, 'package.json'), 'utf8')).toContain('@northstar/muscle-media-v2');
  const host = await createTestHost({ plugins: [join(workspace, 'node_modules/@northstar')], muscles: ['media_v2'] });
  expect(host.registry.statuses.map(({ id, state }) => ({ id, state }))).toEqual([{ id: 'media_v2', state: 'active' }]);
  await host.close();
});
