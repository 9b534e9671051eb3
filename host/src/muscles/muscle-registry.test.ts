import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../config/host-config.ts';
import { readIsolation } from '../config/read-isolation.ts';
import { silentLogger } from '../log/logger.ts';
import { EnabledSet } from './enabled/enabled-set.ts';
import { openIsolates } from './isolation/isolate-activator.ts';
import { MuscleImporter } from './muscle-importer.ts';
import { MuscleRegistry } from './muscle-registry.ts';
import { LoadMemory } from './start/load-memory.ts';

let folder: string;
const registries: MuscleRegistry[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'northstar-muscles-'));
});
afterEach(async () => {
  await Promise.all(registries.splice(0).map((registry) => registry.close()));
  await rm(folder, { recursive: true, force: true });
});

const SPEC = (id: string): string =>
  `id: ${id}\nname: ${id}\nsummary: A test muscle.\nscopes:\n  - {name: ${id}.run, description: Runs., handler: run, input_model: In, effects: read}\n`;
const IMPL = `import { z } from 'zod';\nexport const In = z.object({});\nexport const run = () => ({ ok: true });\n`;

async function muscle(id: string, files: { spec?: string; impl?: string } = {}, root = 'plugins'): Promise<string> {
  const dir = join(folder, root, id);
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'spec.yaml'), files.spec ?? SPEC(id));
  if (files.impl !== '') await writeFile(join(dir, 'impl.ts'), files.impl ?? IMPL);
  return dir;
}

async function load(...enabled: string[]): Promise<MuscleRegistry> {
  const registry = new MuscleRegistry({
    importer: new MuscleImporter(join(folder, 'cache')),
    memory: new LoadMemory(join(folder, 'cache', 'loads')),
    isolates: openIsolates({ isolation: readIsolation({}, []), dataDir: folder, limits: DEFAULT_LIMITS }, silentLogger),
    logger: silentLogger,
    enabled: new EnabledSet({ environment: enabled }),
    limits: DEFAULT_LIMITS,
    pluginDirs: [join(folder, 'plugins')],
    workspaceDir: folder,
  });
  registries.push(registry);
  await registry.load();
  return registry;
}

function states(registry: MuscleRegistry): Record<string, string> {
  return Object.fromEntries(registry.statuses.map(({ id, state }) => [id, state]));
}

test('[LOAD-01] only enabled muscles are loaded; unknown ids are missing and stop nobody', async () => {
  await muscle('good');
  await muscle('off', { impl: `throw new Error('imported although disabled')` });
  const registry = await load('good', 'nobody');
  expect(states(registry)).toEqual({ good: 'active', nobody: 'missing', off: 'disabled' });
  expect(registry.current.tools.map((tool) => tool.spec.name)).toEqual(['good.run']);
});

test.each([
  {
    defect: 'throws at import',
    impl: `${IMPL}\nthrow new Error('no database');`,
    code: 'load.import_failed',
    says: 'no database',
    line: 5,
  },
  {
    defect: 'has a syntax error',
    impl: `${IMPL}\nexport const = 1;`,
    code: 'load.import_failed',
    says: 'impl.ts',
    line: 5,
  },
  {
    defect: 'imports a file that is not there',
    impl: `import './nowhere.ts';\n${IMPL}`,
    code: 'load.import_failed',
    says: 'nowhere',
    line: 1,
  },
  {
    defect: 'has no impl.ts',
    impl: '',
    code: 'load.import_failed',
    says: 'The code of a muscle is in impl.ts',
    line: 1,
  },
  {
    defect: 'fails in setup',
    impl: `${IMPL}\nexport function setup() { throw new Error('no licence file'); }`,
    code: 'load.setup_failed',
    says: 'no licence file',
    line: 5,
  },
  {
    defect: 'lacks its handler',
    impl: IMPL.replace('run', 'runs'),
    code: 'bind.missing_handler',
    says: 'runs',
    line: 5,
  },
])(
  '[LOAD-02] a muscle that $defect is told with file and line, and hides no other',
  async ({ impl, code, says, line }) => {
    await muscle('bad', { impl });
    await muscle('good');
    const registry = await load('bad', 'good');
    expect(states(registry)).toEqual({ bad: 'failed', good: 'active' });
    const [diagnostic] = registry.statuses.find(({ id }) => id === 'bad')?.diagnostics ?? [];
    expect(diagnostic).toMatchObject({ severity: 'error', code, line });
    expect(diagnostic?.file).toContain(join('plugins', 'bad'));
    expect(diagnostic?.message).toContain(says);
  },
);

test('[LOAD-03] of two muscles that claim one tool name the first keeps it, and the second is refused whole', async () => {
  await muscle('a_b');
  await muscle('a', {
    spec: 'id: a\nname: a\nsummary: Collides.\nscopes:\n  - {name: a.b_run, description: Runs., handler: run, input_model: In}\n  - {name: a.other, description: Runs., handler: run, input_model: In}\n',
  });
  const registry = await load('a', 'a_b');
  expect(states(registry)).toEqual({ a: 'active', a_b: 'failed' });
  expect(registry.statuses.find(({ id }) => id === 'a_b')?.diagnostics).toEqual([
    expect.objectContaining({
      code: 'load.name_collision',
      message: expect.stringContaining('already taken by muscle a'),
    }),
  ]);
});

test('[LOAD-04] linked folders and packages with the keyword count as muscles, each real folder once', async () => {
  const linked = await muscle('linked', {}, 'elsewhere');
  await mkdir(join(folder, 'plugins'), { recursive: true });
  await symlink(linked, join(folder, 'plugins', 'linked'));
  await muscle('packaged', {}, 'node_modules/@acme');
  await writeFile(
    join(folder, 'node_modules/@acme/packaged/package.json'),
    JSON.stringify({ name: '@acme/packaged', keywords: ['northstar-muscle'] }),
  );
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ dependencies: { '@acme/packaged': '1.0.0', 'not-installed': '1.0.0' } }),
  );
  expect(states(await load('linked', 'packaged'))).toEqual({ linked: 'active', packaged: 'active' });
});

test("[LOAD-05] a muscle elsewhere on disk, with no packages of its own, gets the host's zod and SDK", async () => {
  await muscle('far', {
    impl: `import { MuscleError } from '@northstar/sdk';\nimport * as v3 from 'zod/v3';\nimport { z } from 'zod';\nexport const In = z.object({});\nexport const run = () => ({ error: new MuscleError({ code: 'far.x', message: 'x' }).code, v3: typeof v3.z.object });\n`,
  });
  expect(states(await load('far'))).toEqual({ far: 'active' });
});

test('[LOAD-06] a swap tells its listeners, and a call that holds the old snapshot keeps it', async () => {
  await muscle('good');
  const registry = await load('good');
  const before = registry.current;
  const heard: number[] = [];
  registry.onChange((snapshot) => heard.push(snapshot.generation));
  registry.publish([]);
  expect(heard).toEqual([before.generation + 1]);
  expect(registry.current.tools).toEqual([]);
  expect(before.tools).toHaveLength(1);
  expect(Object.isFrozen(before.tools)).toBe(true);
});

test('[LOAD-07] dispose runs once when the host closes, and one that throws stops nobody', async () => {
  const key = `disposed-${folder}`;
  await muscle('thrower', { impl: `${IMPL}\nexport function dispose() { throw new Error('stuck'); }` });
  await muscle('tidy', {
    impl: `${IMPL}\nexport function dispose() { globalThis[${JSON.stringify(key)}] = (globalThis[${JSON.stringify(key)}] ?? 0) + 1; }`,
  });
  const registry = await load('thrower', 'tidy');
  await registry.close();
  await registry.close();
  expect((globalThis as Record<string, unknown>)[key]).toBe(1);
});
