import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../config/host-config.ts';
import { readIsolation } from '../../config/read-isolation.ts';
import { silentLogger } from '../../log/logger.ts';
import { EnabledSet } from '../enabled/enabled-set.ts';
import { openIsolates } from '../isolation/isolate-activator.ts';
import { MuscleImporter } from '../muscle-importer.ts';
import { MuscleRegistry } from '../muscle-registry.ts';
import { LoadMemory } from './load-memory.ts';

const SPEC = `id: one
name: One
summary: A test muscle.
scopes:
  - {name: one.run, description: Runs., handler: run, input_model: In, effects: read}
`;
const IMPL = `import { z } from 'zod';
export const In = z.object({ text: z.string().describe(globalThis.northstarText ?? 'as written') });
export const run = () => ({ ok: true });
`;

let folder: string;
const registries: MuscleRegistry[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'northstar-warm-'));
  await mkdir(join(folder, 'plugins/one'), { recursive: true });
  await save('spec.yaml', SPEC);
  await save('impl.ts', IMPL);
});
afterEach(async () => {
  Reflect.deleteProperty(globalThis, 'northstarText');
  await Promise.all(registries.splice(0).map((registry) => registry.close()));
  await rm(folder, { recursive: true, force: true });
});

const save = (file: string, text: string): Promise<void> => writeFile(join(folder, 'plugins/one', file), text);
const memoryFile = (): string => join(folder, 'data/loads/one.json');

async function start(): Promise<MuscleRegistry> {
  const registry = new MuscleRegistry({
    importer: new MuscleImporter(join(folder, 'data')),
    memory: new LoadMemory(join(folder, 'data/loads')),
    isolates: openIsolates({ isolation: readIsolation({}, []), dataDir: folder, limits: DEFAULT_LIMITS }, silentLogger),
    logger: silentLogger,
    enabled: new EnabledSet({ environment: ['*'] }),
    limits: DEFAULT_LIMITS,
    pluginDirs: [join(folder, 'plugins')],
    workspaceDir: folder,
  });
  registries.push(registry);
  await registry.load();
  return registry;
}

/** What the host publishes of the one argument of the one tool. */
const published = ({ current }: MuscleRegistry): unknown =>
  (current.tools[0]?.inputSchema.properties as { text?: { description?: string } } | undefined)?.text?.description;

/** Starts and ends a host, and puts a mark into what it kept, by which a later start shows that it used it. */
async function keepMarked(): Promise<void> {
  await (await start()).close();
  await writeFile(memoryFile(), (await readFile(memoryFile(), 'utf8')).replaceAll('as written', 'from memory'));
}

test('[LOAD-09] a start takes spec and schemas from the one before it, and converts the models afterwards', async () => {
  await keepMarked();
  const registry = await start();
  expect(published(registry)).toBe('from memory');
  await expect.poll(() => published(registry), { timeout: 10_000 }).toBe('as written');
});

test.each([
  { what: 'the code', change: () => save('impl.ts', IMPL.replace('as written', 'changed')), shows: 'changed' },
  { what: 'a file beside it', change: () => save('more.json', '{}'), shows: 'as written' },
])('[LOAD-09] schemas are not taken from memory once $what has changed', async ({ change, shows }) => {
  await keepMarked();
  await change();
  expect(published(await start())).toBe(shows);
});

test('[LOAD-09] a spec is not taken from memory once it has changed', async () => {
  await (await start()).close();
  await save('spec.yaml', SPEC.replace('Runs.', 'Walks.'));
  const [tool] = (await start()).current.tools;
  expect(tool?.spec.description).toBe('Walks.');
});

test('[LOAD-09] a spec from memory is refused like one that was read, at the same line', async () => {
  await (await start()).close();
  await save('impl.ts', IMPL.replace('const run', 'const other'));
  const read = (await start()).statuses[0]?.diagnostics;
  await rm(join(folder, 'data/loads'), { recursive: true });
  expect((await start()).statuses[0]?.diagnostics).toEqual(read);
  expect(read).toMatchObject([{ code: 'bind.missing_handler', line: 5 }]);
});

test('[LOAD-09] models that depend on more than the files of their muscle are published as they are now', async () => {
  Object.assign(globalThis, { northstarText: 'at noon' });
  await (await start()).close();
  Object.assign(globalThis, { northstarText: 'at night' });
  const registry = await start();
  await expect.poll(() => published(registry), { timeout: 10_000 }).toBe('at night');
});

test.each([
  { what: 'cut off', spoil: async () => writeFile(memoryFile(), (await readFile(memoryFile(), 'utf8')).slice(0, 99)) },
  {
    what: 'of another folder',
    spoil: async () => writeFile(memoryFile(), (await readFile(memoryFile(), 'utf8')).replace('/one"', '/two"')),
  },
  {
    what: 'of another zod',
    spoil: async () => writeFile(memoryFile(), (await readFile(memoryFile(), 'utf8')).replace(' zod ', ' zod 0.')),
  },
])('[LOAD-09] a memory that is $what is none', async ({ spoil }) => {
  await keepMarked();
  await spoil();
  expect(published(await start())).toBe('as written');
});
