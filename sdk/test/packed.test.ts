import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENTRIES } from '../scripts/exported-api.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');
const manifest = JSON.parse(readFileSync(join(ROOT, 'sdk/package.json'), 'utf8')) as {
  name: string;
  version: string;
  exports: Record<string, Record<string, string> | string>;
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional: boolean }>;
};

describe('the packed SDK', { timeout: 180_000 }, () => {
  let folder: string;
  let tarball: string;
  let files: string[];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'northstar-packed-'));
    const { stdout } = await run('npm', ['pack', './sdk', '--ignore-scripts', '--json', '--pack-destination', folder], {
      cwd: ROOT,
    });
    const printed = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[] | Record<string, never>;
    const [packed] = Array.isArray(printed) ? printed : Object.values(printed);
    tarball = join(folder, packed!.filename);
    files = packed!.files.map(({ path }) => path);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('[SDK-04] is clean for publint', async () => {
    const bytes = readFileSync(tarball);
    const tar = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const { messages, pkg } = await publint({ pack: { tarball: tar }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  test('[SDK-04] is clean for are-the-types-wrong', async () => {
    // `./create-muscle` is a program for `npm create`, not a module that anybody imports.
    const attw = join(ROOT, 'node_modules/.bin/attw');
    const { stdout } = await run(
      attw,
      [tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji', '--exclude-entrypoints', './create-muscle'],
      {
        cwd: folder,
      },
    );
    const answers = [...stdout.matchAll(/^(?:node16 \(from ESM\)|bundler): (.*)$/gm)].map(([, answer]) => answer);
    expect(answers.length).toBe(2 * (Object.keys(manifest.exports).length - 1));
    expect(answers.filter((answer) => !answer?.startsWith('OK'))).toEqual([]);
  });

  test('[SDK-04] holds command, code, sources, licence, readme and changelog, and no tests of its own', () => {
    const needed = ['bin/muscle.js', 'dist/cli/index.js', 'dist/check/probe.js', 'dist/load/ts-hooks.js'];
    const named = ['LICENSE', 'README.md', 'CHANGELOG.md', 'package.json', 'src/index.ts'];
    expect(files).toEqual(expect.arrayContaining([...needed, ...named]));
    expect(files.filter((path) => /^src\/.*\.test\.ts$|^test\/|^scripts\//.test(path))).toEqual([]);
    const changelog = readFileSync(join(ROOT, 'sdk/CHANGELOG.md'), 'utf8');
    expect(changelog).toContain(`\n## ${manifest.version}\n`);
  });
});

test('[SDK-05] the SDK has under 5 dependencies, optional peers, and does not depend on the host', () => {
  const names = Object.keys(manifest.dependencies);
  expect(names.length).toBeLessThan(5);
  expect([...names, ...Object.keys(manifest.peerDependencies)].filter((name) => /host/.test(name))).toEqual([]);
  for (const name of Object.keys(manifest.peerDependencies))
    expect(manifest.peerDependenciesMeta[name]?.optional, name).toBe(true);
});

test('[SDK-06] every entry that has types is in the API report', () => {
  const typed = Object.entries(manifest.exports).filter(([, target]) => typeof target === 'object' && target.types);
  expect(typed.map(([entry]) => entry.replace('.', manifest.name)).sort()).toEqual(Object.keys(ENTRIES).sort());
});

test.each(['sdk', 'host'])('[SDK-04] %s states its licence and says what it is', (folder) => {
  for (const file of ['LICENSE', 'README.md']) expect(existsSync(join(ROOT, folder, file)), file).toBe(true);
});
