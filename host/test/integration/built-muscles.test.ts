import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'tsup';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestHost, type TestHost } from '../../src/testing/index.ts';
import { PLUGINS } from '../acceptance/repository.ts';

const MUSCLES = ['echo', 'media_v2'];
let folder: string;
/** The same muscles from source, as the folder of a build, and as a package that ships only its dist. */
const hosts: Record<string, TestHost> = {};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'northstar-built-'));
  for (const id of MUSCLES) {
    await build({
      entry: { impl: join(PLUGINS, id, 'impl.ts') },
      outDir: join(folder, 'flat', id),
      format: 'esm',
      target: 'node20',
      // CommonJS packages that are bundled in still require Node's own modules.
      banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);` },
      external: [/^zod(\/|$)/, /^@northstar\/sdk/],
      config: false,
      silent: true,
      clean: false,
    });
    await cp(join(PLUGINS, id, 'spec.yaml'), join(folder, 'flat', id, 'spec.yaml'));
    await cp(join(folder, 'flat', id), join(folder, 'shipped', id, 'dist'), { recursive: true });
  }
  const roots = { source: PLUGINS, flat: join(folder, 'flat'), shipped: join(folder, 'shipped') };
  for (const [name, root] of Object.entries(roots))
    hosts[name] = await createTestHost({ plugins: [root], muscles: MUSCLES });
});
afterAll(async () => {
  for (const host of Object.values(hosts)) await host.close();
  await rm(folder, { recursive: true, force: true });
});

async function ask(name: string, path: string, init: RequestInit = {}): Promise<{ status: number; body: unknown }> {
  const host = hosts[name]!;
  const headers = { ...host.headers, 'X-Request-Id': 'req_same', 'Content-Type': 'application/json' };
  const answer = await fetch(host.url + path, { ...init, headers });
  // The time of an answer is no part of what is compared.
  return { status: answer.status, body: { ...((await answer.json()) as object), at: undefined } };
}

describe.each(['flat', 'shipped'])('built, %s', (built) => {
  test('[LOAD-08] a built muscle has the tools of its source, schemas included', async () => {
    expect(hosts[built]?.registry.statuses).toEqual(hosts.source?.registry.statuses);
    expect(await ask(built, '/tools')).toEqual(await ask('source', '/tools'));
  });

  test.each([
    { what: 'an answer', path: '/tools/echo.ping', body: { message: 'hello' } },
    { what: 'arguments that do not fit', path: '/tools/echo.ping', body: { message: 5 } },
    { what: "the muscle's own error", path: '/tools/media_v2.get_asset', body: { asset_id: 'asset_nobody' } },
    { what: 'a list from its stores', path: '/tools/media_v2.list_assets', body: {} },
  ])('[LOAD-08] a built muscle gives what its source gives: $what', async ({ path, body }) => {
    const call = { method: 'POST', body: JSON.stringify(body) };
    const fromSource = await ask('source', path, call);
    expect(fromSource.status).not.toBe(500);
    expect(await ask(built, path, call)).toEqual(fromSource);
  });
});

test('[LOAD-08] a built muscle names the line of its own file that fails', async () => {
  const root = join(folder, 'failing');
  await cp(join(folder, 'flat/echo'), join(root, 'echo'), { recursive: true });
  const code = await readFile(join(root, 'echo/impl.js'), 'utf8');
  await writeFile(join(root, 'echo/impl.js'), `throw new Error('no licence');\n${code}`);
  const host = await createTestHost({ plugins: [root], muscles: ['echo'] });
  expect(host.registry.status('echo')).toMatchObject({
    state: 'failed',
    diagnostics: [expect.objectContaining({ line: 1, message: expect.stringContaining('no licence') })],
  });
  expect(host.registry.status('echo')?.diagnostics[0]?.file).toContain(join('failing', 'echo', 'impl.js'));
  await host.close();
});
