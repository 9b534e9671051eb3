import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildMuscle, type Manifest } from '@northstar/sdk/build';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { PLUGINS, ROOT } from '../acceptance/repository.ts';
import { emptyFolder, linkModules, removeFolder } from './packed-packages.ts';
import { runNode, runNpm, type Ended } from './run-command.ts';

// Compilers and linters run in here, beside the other tests.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const MUSCLE = join(ROOT, 'sdk/bin/muscle.js');

let home: string;
beforeAll(async () => {
  home = await emptyFolder('build');
  await mkdir(join(home, 'node_modules'));
  await linkModules(join(ROOT, 'node_modules'), join(home, 'node_modules'));
});
afterAll(() => removeFolder(home));

const SPEC = `id: demo
name: Demo
summary: Shows what a build does.
version: '1.2'
scopes:
  - name: demo.run
    description: Runs.
    handler: run
    input_model: In
    output_model: Out
    effects: read
`;
const IMPL = `import { z } from 'zod';
import { twice } from './twice.ts';

export const In = z.object({ text: z.string() });
export const Out = z.object({ text: z.string() });
export const run = (_ctx: unknown, args: z.infer<typeof In>) => ({ text: twice(args.text) });
`;
const TWICE = `export const twice = (text: string): string => text + text;\n`;

let count = 0;
/** A muscle called demo in a folder of its own, with these files on top. */
async function demo(files: Record<string, string> = {}): Promise<string> {
  const dir = join(home, `case-${count++}`, 'demo');
  await mkdir(dir, { recursive: true });
  for (const [file, text] of Object.entries({ 'spec.yaml': SPEC, 'impl.ts': IMPL, 'twice.ts': TWICE, ...files })) {
    await mkdir(join(dir, file, '..'), { recursive: true });
    await writeFile(join(dir, file), text);
  }
  return dir;
}

async function build(dir: string, ...flags: string[]): Promise<Manifest> {
  const { status, stdout, stderr } = await runNode(MUSCLE, ['build', dir, '--json', ...flags], home);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as Manifest;
}

function refused(dir: string, ...flags: string[]): Promise<Ended> {
  return runNode(MUSCLE, ['build', dir, ...flags], home);
}

async function contents(dir: string): Promise<Record<string, string>> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    await Promise.all(files.map(async (file) => [file.slice(dir.length + 1), await readFile(file, 'utf8')])),
  );
}

test('[AUTHOR-08] a build is one folder: spec, one module, schemas, package.json, and a manifest with every digest', async () => {
  const dir = await demo({ 'README.md': '# Demo\n' });
  const manifest = await build(dir);
  const files = await contents(join(dir, 'dist'));
  expect(Object.keys(files).sort()).toEqual(
    [
      'README.md',
      'impl.js',
      'manifest.json',
      'package.json',
      'schemas/demo.run.input.json',
      'schemas/demo.run.output.json',
      'spec.yaml',
    ].sort(),
  );
  expect(files['spec.yaml']).toBe(SPEC);
  expect(JSON.parse(files['manifest.json'] ?? '')).toEqual(manifest);
  expect(JSON.parse(files['package.json'] ?? '')).toMatchObject({
    name: 'demo',
    version: '1.2.0',
    type: 'module',
    keywords: ['northstar-muscle'],
  });
  const { 'manifest.json': _manifest, ...others } = files;
  expect(manifest.files).toEqual(
    Object.fromEntries(
      Object.entries(others).map(([path, text]) => [path, createHash('sha256').update(text).digest('hex')]),
    ),
  );
  expect(manifest).toMatchObject({ id: 'demo', version: '1.2', host_modules: ['zod'], sbom: [] });
  const { run } = (await import(pathToFileURL(join(dir, 'dist/impl.js')).href)) as {
    run: (ctx: unknown, args: object) => unknown;
  };
  expect(run({}, { text: 'ab' })).toEqual({ text: 'abab' });
});

test('[AUTHOR-09] the same sources give the same bytes, wherever they lie and whenever they are built', async () => {
  const [one, other] = [await demo(), await demo()];
  await build(one);
  const first = await contents(join(one, 'dist'));
  await build(one);
  expect(await contents(join(one, 'dist'))).toEqual(first);
  await build(other, '--out', join(home, 'elsewhere'));
  expect(await contents(join(home, 'elsewhere'))).toEqual(first);
});

test('[AUTHOR-09] the digest changes with code, names, descriptions, schemas and annotations, and with nothing else', async () => {
  const digestOf = async (files?: Record<string, string>): Promise<string> => {
    const dir = await demo(files);
    return (await buildMuscle({ dir, out: join(dir, 'dist') })).digest;
  };
  const digest = await digestOf();
  const changed = {
    code: { 'twice.ts': TWICE.replace('text + text', 'text.repeat(2)') },
    name: { 'spec.yaml': SPEC.replace('name: Demo', 'name: Demonstration') },
    description: { 'spec.yaml': SPEC.replace('Runs.', 'Runs twice.') },
    schema: { 'impl.ts': IMPL.replace('text: z.string() })', 'text: z.string().max(9) })') },
    annotation: { 'spec.yaml': SPEC.replace('effects: read', 'effects: write') },
  };
  const digests = new Set([digest]);
  for (const files of Object.values(changed)) digests.add(await digestOf(files));
  expect(digests.size).toBe(6);
  const same = {
    'spec.yaml': `# a comment\n${SPEC.replace("'1.2'", "'1.3'")}`,
    'README.md': '# Demo\n',
  };
  expect(await digestOf(same)).toBe(digest);
});

test('[AUTHOR-10] packages that the code uses are in it, each with a line that names version and licence', async () => {
  const dir = await demo({
    'impl.ts': `import { platform } from 'commonjs-package';\nexport { used } from 'old-licence';\n${IMPL.replace('twice(args.text)', 'platform()')}`,
    'node_modules/commonjs-package/package.json': '{"name":"commonjs-package","version":"2.0.1","license":"MIT"}',
    'node_modules/commonjs-package/index.js': `const os = require('os');\nexports.platform = () => os.platform();\n`,
    'node_modules/old-licence/package.json':
      '{"name":"old-licence","version":"0.1.0","license":{"type":"BSD-2-Clause"},"main":"lib/main.js"}',
    'node_modules/old-licence/lib/package.json': '{"type":"module"}',
    'node_modules/old-licence/lib/main.js': 'export const used = () => 1;\n',
    'node_modules/never-used/package.json': '{"name":"never-used","version":"9.0.0"}',
  });
  const { sbom } = await build(dir);
  expect(sbom).toEqual([
    { name: 'commonjs-package', version: '2.0.1', license: 'MIT' },
    { name: 'old-licence', version: '0.1.0', license: 'BSD-2-Clause' },
  ]);
  await rm(join(dir, 'node_modules'), { recursive: true });
  const { run } = (await import(pathToFileURL(join(dir, 'dist/impl.js')).href)) as {
    run: (ctx: unknown, args: object) => unknown;
  };
  expect(run({}, { text: '' })).toEqual({ text: process.platform });
});

test.each([
  {
    what: 'a folder without a spec',
    dir: () => Promise.resolve(join(ROOT, 'docs')),
    says: 'Name the folder of a muscle',
  },
  {
    what: 'a folder that is not there',
    dir: () => Promise.resolve(join(ROOT, 'nowhere')),
    says: /There is no folder .+nowhere/,
  },
  {
    what: 'code that does not parse',
    dir: () => demo({ 'twice.ts': 'export const twice = (;\n' }),
    says: /twice\.ts:1:\d+ error code-loads/,
  },
  {
    what: 'an import that is not installed',
    dir: () => demo({ 'twice.ts': `import 'not-installed';\n${TWICE}` }),
    says: 'not-installed',
  },
  {
    what: 'a handler that is not exported',
    dir: () => demo({ 'spec.yaml': SPEC.replace('handler: run', 'handler: rnu') }),
    says: /spec\.yaml:8:14 error .+bind\.missing_handler/,
  },
  {
    what: 'a spec of another folder',
    dir: () => demo({ 'spec.yaml': SPEC.replace('id: demo', 'id: other') }),
    says: 'spec.id_folder_mismatch',
  },
  {
    what: 'code that throws when it is imported',
    dir: () => demo({ 'twice.ts': `throw new Error('no database');\n${TWICE}` }),
    says: 'no database',
  },
])(
  '[AUTHOR-11] $what fails with what to do, without a stack trace, and leaves nothing behind',
  async ({ dir, says }) => {
    const folder = await dir();
    const before = await readdir(folder).catch(() => []);
    const { status, stdout, stderr } = await refused(folder);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/^\s+at .+:\d+:\d+\)?$/m);
    expect(await readdir(folder).catch(() => [])).toEqual(before);
  },
);

test.each(['build', 'pack'])(
  '[AUTHOR-17] muscle %s refuses what muscle check finds errors in, with place, reason and fix, unless told not to',
  async (command) => {
    const dir = await demo({ 'twice.ts': TWICE.replace('text + text', '(console.log(text), text + text)') });
    const run = (...flags: string[]): Promise<Ended> =>
      runNode(MUSCLE, [command, dir, ...flags, ...(command === 'pack' ? ['--into', dir] : [])], home);
    const before = await readdir(dir);
    const { status, stdout, stderr } = await run();
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^error Nothing was built: muscle check finds 1 error .+--no-check/);
    expect(stderr).toMatch(/demo\/twice\.ts:1:\d+ error no-stdout: .+\n {2}why: .+\n {2}fix: .+\n$/);
    expect(await readdir(dir)).toEqual(before);
    expect(await run('--no-check')).toMatchObject({ status: 0, stderr: '' });
    expect(await readdir(dir)).toContain('dist');
  },
);

test('[AUTHOR-11] a folder that no build wrote is never replaced, and a failed build leaves the one before', async () => {
  const dir = await demo();
  const mine = join(home, 'mine');
  await mkdir(mine);
  await writeFile(join(mine, 'thesis.txt'), 'years of work');
  expect((await refused(dir, '--out', mine)).stderr).toContain('thesis.txt, which no build wrote');
  expect((await refused(dir, '--out', dir)).stderr).toContain('holds the sources');
  expect((await refused(dir, '--out', join(dir, '..'))).stderr).toContain('holds the sources');
  await build(dir);
  const built = await contents(join(dir, 'dist'));
  await writeFile(join(dir, 'impl.ts'), 'export const = ;');
  expect((await refused(dir)).status).toBe(1);
  expect(await contents(join(dir, 'dist'))).toEqual(built);
});

test('[AUTHOR-12] muscle pack makes a tarball that npm installs without a network, with the same bytes each time', async () => {
  const source = join(home, 'packing', 'echo');
  await cp(join(PLUGINS, 'echo'), source, {
    recursive: true,
    filter: (path) => !/[/\\](dist|node_modules)$/.test(path),
  });
  const pack = async (): Promise<{ file: string; sha256: string; digest: string }> => {
    const { status, stdout, stderr } = await runNode(
      MUSCLE,
      ['pack', source, '--json', '--into', join(home, 'tarballs')],
      home,
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return JSON.parse(stdout) as { file: string; sha256: string; digest: string };
  };
  const first = await pack();
  await rename(first.file, `${first.file}.first`);
  expect(await pack()).toEqual(first);
  const consumer = join(home, 'consumer');
  await mkdir(consumer);
  await writeFile(join(consumer, 'package.json'), '{"name":"consumer","private":true}');
  const installed = await runNpm(['install', '--offline', '--no-audit', '--no-fund', first.file], consumer);
  expect(installed).toMatchObject({ status: 0 });
  const package_ = join(consumer, 'node_modules/@northstar/muscle-echo');
  expect(JSON.parse(await readFile(join(package_, 'manifest.json'), 'utf8'))).toMatchObject({
    id: 'echo',
    digest: first.digest,
  });
  expect(await readdir(join(consumer, 'node_modules/@northstar'))).toEqual(['muscle-echo']);
});
