import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../acceptance/repository.ts';
import { runNpm } from './run-command.ts';

const run = promisify(execFile);

/** A folder outside the repository, to be removed by whoever asked for it. */
export async function emptyFolder(name: string): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), `northstar-${name}-`)));
}

/**
 * Gives `dir` the node_modules of someone who installed our published packages: ours unpacked from the very tarballs
 * that npm makes, everything else linked from this repository, so that no network is needed.
 */
export async function installPacked(dir: string): Promise<void> {
  const tarballs = join(dir, 'tarballs');
  const modules = join(dir, 'node_modules');
  await mkdir(tarballs, { recursive: true });
  await mkdir(join(modules, '.bin'), { recursive: true });
  const packages = {
    'northstar-sdk': '@northstar/sdk',
    'northstar-host': '@northstar/host',
    'create-muscle': 'create-muscle',
  };
  const workspaces = Object.values(packages).flatMap((name) => ['-w', name]);
  await runNpm(['pack', ...workspaces, '--pack-destination', tarballs, '--silent'], ROOT);
  const packed = await readdir(tarballs);
  for (const [file, name] of Object.entries(packages)) {
    const home = join(modules, name);
    await mkdir(home, { recursive: true });
    const tarball = packed.find((entry) => entry.startsWith(`${file}-`));
    await run('tar', ['xzf', join(tarballs, tarball ?? file), '-C', home, '--strip-components=1']);
  }
  if (existsSync(join(ROOT, 'host/node_modules')))
    await symlink(join(ROOT, 'host/node_modules'), join(modules, '@northstar/host/node_modules'), 'junction');
  await linkModules(join(ROOT, 'node_modules'), modules);
}

export async function linkModules(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const target = join(to, entry.name);
    if (entry.name.startsWith('.') || entry.isFile() || existsSync(target)) continue;
    await symlink(join(from, entry.name), target, 'junction');
  }
}

/** A workspace with this repository's own settings and packages, and an empty `plugins` folder. */
export async function copyWorkspace(dir: string): Promise<void> {
  for (const file of ['package.json', 'tsconfig.json', 'eslint.config.js', 'vitest.config.ts', '.prettierignore'])
    await cp(join(ROOT, file), join(dir, file));
  for (const folder of ['node_modules', 'sdk', 'host'])
    await symlink(join(ROOT, folder), join(dir, folder), 'junction');
  await mkdir(join(dir, 'plugins'));
}

export function removeFolder(dir: string): Promise<void> {
  return rm(dir, { recursive: true, force: true });
}
