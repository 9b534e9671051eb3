import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Gate } from '../../src/policy/gate.ts';
import { createTestHost, type TestHost } from '../../src/testing/index.ts';
import { ROOT } from './repository.ts';

/**
 * Every muscle in the tree, with each exported function replaced by one that reports that it ran. A chain that denies
 * everything must keep all of them from running, whatever way a call comes in.
 */
const denyAll: Gate = {
  name: 'deny_all',
  decide: async () => ({ allow: false, code: 'kill_switch.engaged', message: 'nothing is allowed here' }),
};

const RAN = Symbol.for('northstar.test.handler-ran');
const ran = new Set<string>();
let copies: string;
let host: TestHost;

beforeAll(async () => {
  (globalThis as Record<symbol, unknown>)[RAN] = ran;
  // Inside the repository, so that the copies still find the packages that their originals import.
  const out = join(ROOT, 'host/out');
  await mkdir(out, { recursive: true });
  copies = await mkdtemp(join(out, 'deny-all-'));
  const folders = await muscleFolders();
  for (const folder of folders) await instrument(folder, join(copies, basename(folder)));
  host = await createTestHost({
    plugins: [copies],
    muscles: folders.map((folder) => basename(folder)),
    gates: [denyAll],
  });
});
afterAll(async () => {
  await host.close();
  await rm(copies, { recursive: true, force: true });
});

test('[GUARD-02] the walk finds the muscles of the tree and all of them load', () => {
  const states = host.registry.statuses.map(({ id, state }) => ({ id, state }));
  expect(states).toEqual(
    expect.arrayContaining([
      { id: 'echo', state: 'active' },
      { id: 'media_v2', state: 'active' },
    ]),
  );
  expect(states.filter(({ state }) => state !== 'active')).toEqual([]);
});

test('[GUARD-02] under a chain that denies everything no handler body runs', async () => {
  const context = host.contexts.fromEnvironment({}, 'cli');
  const { tools, resources, prompts } = host.registry.current;
  const guarded = [
    ...tools.map((tool) => tool.guarded),
    ...resources.flatMap((resource) => [resource.guarded, resource.lister, resource.completer]),
    ...prompts.flatMap((prompt) => [prompt.guarded, prompt.completer]),
  ].filter((scope) => scope !== undefined);
  expect(guarded.length).toBeGreaterThan(8);
  for (const scope of guarded) {
    const outcome = await host.pipeline.invoke({ scope, context, args: {}, io: {} });
    expect(outcome.ok, scope.facts.name).toBe(false);
  }
  for (const tool of tools)
    await fetch(`${host.url}/tools/${tool.spec.name}`, { method: 'POST', headers: host.headers }).then((response) =>
      expect(response.status).toBeGreaterThanOrEqual(400),
    );
  expect([...ran]).toEqual([]);
});

async function muscleFolders(): Promise<string[]> {
  const roots = ['plugins', 'examples', 'host/test/fixtures/muscles', 'host/test/conformance/muscles'].map((root) =>
    join(ROOT, root),
  );
  const entries = await Promise.all(
    roots
      .filter((root) => existsSync(root))
      .map(async (root) => (await readdir(root, { recursive: true })).map((path) => join(root, path))),
  );
  const specs = entries.flat().filter((path) => basename(path) === 'spec.yaml' && !path.includes('node_modules'));
  return specs.map((path) => dirname(path)).filter((folder) => existsSync(join(folder, 'impl.ts')));
}

/** Copies a muscle and puts an impl.ts in front of it whose functions only note that they were called. */
async function instrument(from: string, to: string): Promise<void> {
  await cp(from, to, {
    recursive: true,
    filter: (path) => !path.includes('node_modules') && !path.endsWith('.test.ts'),
  });
  const source = await readFile(join(to, 'impl.ts'), 'utf8');
  await writeFile(join(to, 'original.ts'), source);
  const spec = await readFile(join(to, 'spec.yaml'), 'utf8');
  const handlers = [...spec.matchAll(/^\s*-?\s*(?:handler|lister|completer):\s*(\w+)/gm)].map(
    (match) => match[1] ?? '',
  );
  const streams = spec.split(/^\s*- name:/m).filter((scope) => /^\s*kind:\s*stream/m.test(scope));
  const replaced = [...new Set(handlers)].map(
    (name) =>
      `export ${streams.some((scope) => scope.includes(`handler: ${name}`)) ? 'async function*' : 'function'} ${name}() { globalThis[Symbol.for('northstar.test.handler-ran')].add('${basename(from)}.${name}'); return {}; }`,
  );
  await writeFile(join(to, 'impl.ts'), [`export * from './original.ts';`, ...replaced].join('\n'));
}
