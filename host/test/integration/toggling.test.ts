import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MuscleStatus } from '../../src/muscles/muscle-status.ts';
import { createTestHost, type TestHost } from '../../src/testing/index.ts';
import { startIssuer, type Issuer } from './support/issuer.ts';
import { pluginFolder, versionedMuscle, type PluginFolder } from './support/plugin-folder.ts';
import { CLIENTS } from './support/sdk-clients.ts';

let plugins: PluginFolder;
let folder: string;
const hosts: TestHost[] = [];
beforeEach(async () => {
  plugins = await pluginFolder();
  folder = await mkdtemp(join(tmpdir(), 'northstar-toggling-'));
  for (const id of ['one', 'two']) await plugins.put(id, versionedMuscle(id, id));
});
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.close();
  await plugins.remove();
  await rm(folder, { recursive: true, force: true });
});

async function start(muscles: string[], env: Record<string, string> = {}): Promise<TestHost> {
  const host = await createTestHost({ plugins: [plugins.root], muscles, env, dataDir: join(folder, 'data') });
  hosts.push(host);
  return host;
}

const states = ({ registry }: TestHost): Record<string, string> =>
  Object.fromEntries(registry.statuses.map(({ id, state }) => [id, state]));

async function post(host: TestHost, path: string, headers: Record<string, string> = host.headers) {
  const answer = await fetch(host.url + path, { method: 'POST', headers });
  return { status: answer.status, body: (await answer.json()) as MuscleStatus & { error?: { code: string } } };
}

test('[TOGGLE-01] operators turn muscles off and on, and a restart keeps what they chose', async () => {
  const host = await start(['one']);
  expect(states(host)).toEqual({ one: 'active', two: 'disabled' });
  expect((await post(host, '/admin/muscles/two/enable')).body).toMatchObject({ state: 'active', tools: ['two.run'] });
  expect((await post(host, '/admin/muscles/one/disable')).body).toMatchObject({ tools: [], decided_by: 'operator' });
  await expect.poll(() => states(host)).toEqual({ one: 'disabled', two: 'active' });
  await hosts.pop()?.close();

  const again = await start(['one']);
  expect(states(again)).toEqual({ one: 'disabled', two: 'active' });
  expect((await post(again, '/admin/muscles/one/forget')).body).toMatchObject({
    state: 'active',
    decided_by: 'environment',
  });
  expect((await post(again, '/admin/muscles/two/forget')).status).toBe(200);
  await expect.poll(() => states(again)).toEqual({ one: 'active', two: 'disabled' });
});

test('[TOGGLE-01] turning one muscle on takes up nothing that has changed in another', async () => {
  const host = await start(['one']);
  await plugins.put('one', versionedMuscle('one', 'changed', ['run', 'added']));
  await host.control.choose('two', true, 'u_ops');
  expect(host.registry.status('one')?.tools).toEqual(['one.run']);
  expect((await host.control.reload('one'))?.tools).toEqual(['one.run', 'one.added']);
});

test('[TOGGLE-01] an id that nobody has is missing once it is enabled, and 404 otherwise', async () => {
  const host = await start([]);
  expect(await post(host, '/admin/muscles/nobody/reload')).toMatchObject({
    status: 404,
    body: { error: { code: 'muscle.not_found' } },
  });
  expect((await post(host, '/admin/muscles/NOT%20AN%20ID/enable')).status).toBe(404);
  expect((await post(host, '/admin/muscles/nobody/enable')).body).toMatchObject({ id: 'nobody', state: 'missing' });
  expect((await post(host, '/admin/muscles/nobody/forget')).status).toBe(200);
  expect(states(host)).toEqual({ one: 'disabled', two: 'disabled' });
});

test('[TOGGLE-01] every state a muscle can be in is told by name', async () => {
  await plugins.put('broken', { ...versionedMuscle('broken', 1), 'impl.ts': 'throw new Error("no");' });
  await plugins.put('slow', {
    ...versionedMuscle('slow', 1),
    'impl.ts': `import { z } from 'zod';\nexport const In = z.object({});\nexport const run = () => new Promise((resolve) => { globalThis.northstarToggling = resolve; });`,
  });
  const host = await start(['one', 'broken', 'slow', 'nobody']);
  expect(states(host)).toEqual({ one: 'active', two: 'disabled', broken: 'failed', slow: 'active', nobody: 'missing' });
  const headers = { ...host.headers, 'Content-Type': 'application/json' };
  const call = fetch(`${host.url}/tools/slow.run`, { method: 'POST', headers, body: '{}' });
  const release = () => (globalThis as { northstarToggling?: (value: object) => void }).northstarToggling;
  await expect.poll(release).toBeDefined();
  expect((await post(host, '/admin/muscles/slow/disable')).body).toMatchObject({
    state: 'retiring',
    draining_calls: 1,
  });
  release()?.({});
  expect((await call).status).toBe(200);
  await expect.poll(() => states(host).slow).toBe('disabled');
  await plugins.put('one', { 'impl.ts': 'throw new Error("no");' });
  expect((await post(host, '/admin/muscles/one/reload')).body).toMatchObject({ state: 'stale', tools: ['one.run'] });
  await plugins.put('two', {
    'impl.ts': `await new Promise((resolve) => { globalThis.northstarToggling = resolve; });\n${versionedMuscle('two', 2)['impl.ts']}`,
  });
  delete (globalThis as { northstarToggling?: unknown }).northstarToggling;
  const enabling = post(host, '/admin/muscles/two/enable');
  await expect.poll(release).toBeDefined();
  expect(states(host).two).toBe('loading');
  release()?.({});
  expect((await enabling).body.state).toBe('active');
});

test('[TOGGLE-02] the config file beats ENABLED_MUSCLES, is watched, and when broken the last good one holds', async () => {
  const file = join(folder, 'northstar.yaml');
  await writeFile(file, 'muscles: { enabled: [two] }');
  const host = await start(['one'], { NORTHSTAR_CONFIG: file });
  expect(states(host)).toEqual({ one: 'disabled', two: 'active' });
  await writeFile(file, 'muscles: { enabled: [one, two] }');
  await expect.poll(() => states(host)).toEqual({ one: 'active', two: 'active' });
  await writeFile(file, 'muscles: { enabled: [');
  await expect.poll(() => host.control.sources.config_file?.problem).toContain('not valid YAML');
  expect(states(host)).toEqual({ one: 'active', two: 'active' });
  await host.control.choose('two', false, 'u_ops');
  await writeFile(file, 'muscles: { enabled: [two] }');
  await expect.poll(() => states(host)).toEqual({ one: 'disabled', two: 'disabled' });
  const admin = await (await fetch(`${host.url}/admin/muscles`, { headers: host.headers })).json();
  expect(admin).toMatchObject({
    enabled_by: {
      environment: ['one'],
      config_file: { path: file, enabled: ['two'] },
      operator: { enabled: [], disabled: ['two'] },
    },
  });
});

test.each([
  { what: 'empty', text: '', says: 'is empty' },
  { what: 'of another form', text: 'muscles: { enable: [one] }', says: 'Expected the form' },
])('[TOGGLE-02] a config file that is $what stops the start with what to write', async ({ text, says }) => {
  const file = join(folder, 'northstar.yaml');
  await writeFile(file, text);
  await expect(start(['one'], { NORTHSTAR_CONFIG: file })).rejects.toThrow(says);
});

test.each(CLIENTS)(
  '[TOGGLE-03] $client: a disabled tool is refused even if the client never lists again',
  async ({ connect }) => {
    const host = await start(['one', 'two']);
    const client = await connect(`${host.url}/mcp`, host.headers);
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['one_run', 'two_run']);
    await host.control.choose('two', false, 'u_ops');
    await expect(client.call('two_run')).rejects.toMatchObject({ code: -32602 });
    expect((await client.call('one_run')).structuredContent).toEqual({ version: 'one' });
    // A client of the 2026 revision keeps a list for as long as the host allows.
    await expect
      .poll(async () => (await client.listTools()).tools.map(({ name }) => name), { timeout: 10_000 })
      .toEqual(['one_run']);
    await client.close();
  },
);

test('[TOGGLE-04] with authentication only operators of the system tenant toggle', async () => {
  const issuer: Issuer = await startIssuer();
  try {
    const host = await start(['one'], issuer.env);
    const as = async (tenant: string, roles: string[]) => ({
      Authorization: `Bearer ${await issuer.sign({ tenant_id: tenant, roles })}`,
      'X-Mode': 'lab',
      'X-Project-Id': 'p_test',
    });
    for (const verb of ['enable', 'disable', 'reload', 'forget']) {
      for (const headers of [await as('t_acme', ['operator']), await as('t_system', [])])
        expect(await post(host, `/admin/muscles/one/${verb}`, headers)).toMatchObject({
          status: 403,
          body: { error: { code: 'identity.operator_required' } },
        });
    }
    expect(states(host).one).toBe('active');
    const allowed = await post(host, '/admin/muscles/one/disable', await as('t_system', ['operator']));
    expect(allowed.status).toBe(200);
    await expect.poll(() => states(host).one).toBe('disabled');
  } finally {
    await issuer.close();
  }
});
