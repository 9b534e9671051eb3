import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

// Installs what npm would publish into an empty folder, without optional engines, and prints what that takes.
const root = resolve(import.meta.dirname, '../..');
const shell = process.platform === 'win32';
const work = mkdtempSync(join(tmpdir(), 'northstar-size-'));
const npm = (args, cwd) => execFileSync('npm', args, { cwd, shell, stdio: ['ignore', 'pipe', 'inherit'] });

function bytesBelow(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat?.size ?? 0;
  return readdirSync(path).reduce((sum, name) => sum + bytesBelow(join(path, name)), 0);
}

try {
  npm(['pack', '-w', '@northstar/sdk', '-w', '@northstar/host', '--pack-destination', work, '--silent'], root);
  const tarball = (name) =>
    join(
      work,
      readdirSync(work).find((file) => file.startsWith(`northstar-${name}-`)),
    );
  for (const [name, tarballs] of [
    ['sdk', [tarball('sdk')]],
    ['host', [tarball('sdk'), tarball('host')]],
  ]) {
    const dir = join(work, `with-${name}`);
    mkdirSync(dir);
    writeFileSync(join(dir, 'package.json'), '{"private":true}');
    npm(['install', '--prefer-offline', '--no-audit', '--no-fund', '--silent', ...tarballs], dir);
    const { packages } = JSON.parse(readFileSync(join(dir, 'package-lock.json'), 'utf8'));
    const { dependencies } = JSON.parse(readFileSync(join(root, name, 'package.json'), 'utf8'));
    const size = (bytesBelow(join(dir, 'node_modules')) / 2 ** 20).toFixed(1);
    const direct = Object.keys(dependencies).length;
    const installed = Object.keys(packages).length - 1;
    console.log(
      `@northstar/${name}`.padEnd(16),
      `${direct} direct dependencies, ${installed} packages, ${size} MiB installed`,
    );
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
