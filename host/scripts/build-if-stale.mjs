import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

// Builds SDK and host when a source is newer than what was built from it, so that a second start is quick.
const root = resolve(import.meta.dirname, '../..');
const SOURCES = [
  'sdk/src',
  'sdk/package.json',
  'sdk/tsup.config.ts',
  'host/src',
  'host/package.json',
  'host/tsup.config.ts',
];
const BUILT = [
  'sdk/dist/index.js',
  'sdk/dist/index.d.ts',
  'sdk/dist/cli/index.js',
  'host/dist/cli/main.js',
  'host/dist/isolate/entry.js',
  'host/dist/index.d.ts',
];

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function oldest(paths) {
  return Math.min(...paths.map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0));
}

const fresh =
  oldest(BUILT.map((path) => join(root, path))) > Math.max(...SOURCES.map((path) => newest(join(root, path))));
if (!fresh) {
  process.stderr.write('building sdk and host (some seconds, only when sources changed)\n');
  const built = spawnSync('npm', ['run', 'build', '--silent'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  process.exitCode = built.status ?? 1;
}
