import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { ROOT } from '../acceptance/repository.ts';
import { runNpm } from './run-command.ts';

/** One version of a package that the registry has: a folder to be packed when somebody asks, or a tarball. */
interface Offered {
  readonly version: string;
  readonly manifest: object;
  readonly from: { readonly folder: string } | { readonly tarball: string };
}

export interface LoopbackRegistry {
  readonly url: string;
  close(): Promise<void>;
}

const OURS = { '@northstar/sdk': 'sdk', '@northstar/host': 'host', 'create-muscle': 'sdk/create-muscle' };

/**
 * A registry for npm that needs no network: it has our packages as npm would publish them, and every package that is
 * installed in this repository. `folder` gets the tarballs of ours.
 */
export async function startLoopbackRegistry(folder: string): Promise<LoopbackRegistry> {
  const packages = installedPackages();
  for (const [name, offered] of await ownPackages(folder)) packages.set(name, [offered]);
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '/').slice(1));
    const [name = '', version] = path.split('/-/');
    const versions = packages.get(name) ?? [];
    const wanted = versions.find((offered) => version === `${offered.version}.tgz`);
    if (wanted) void sendTarball(wanted, response);
    else if (versions.length > 0 && version === undefined) sendJson(response, 200, packument(name, versions, url));
    else sendJson(response, 404, { error: `${path} is not installed in this repository` });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function packument(name: string, offered: readonly Offered[], url: string): object {
  const versions = offered.map(({ version, manifest }) => [
    version,
    { ...manifest, name, version, dist: { tarball: `${url}/${name}/-/${version}.tgz` } },
  ]);
  return { name, 'dist-tags': { latest: offered[0]?.version }, versions: Object.fromEntries(versions) as object };
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

async function sendTarball({ from }: Offered, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'application/octet-stream' });
  if ('tarball' in from) return void response.end(await readFile(from.tarball));
  // npm takes off the first part of every path, whatever it is called.
  const args = ['czf', '-', '--exclude=node_modules', '-C', dirname(from.folder), basename(from.folder)];
  spawn('tar', args, { stdio: ['ignore', 'pipe', 'inherit'] }).stdout.pipe(response);
}

/** What the lock file names and `npm ci` has put on this machine; the version at the top of the tree is the first. */
function installedPackages(): Map<string, Offered[]> {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: { [path: string]: { version?: string; link?: boolean } };
  };
  const found = new Map<string, Offered[]>();
  const paths = Object.keys(packages).filter((path) => path.includes('node_modules/') && !packages[path]?.link);
  for (const path of paths.sort((a, b) => a.split('/').length - b.split('/').length)) {
    const folder = join(ROOT, path);
    if (!existsSync(join(folder, 'package.json'))) continue;
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    const known = found.get(name) ?? [];
    if (known.some(({ version }) => version === manifest.version)) continue;
    found.set(name, [...known, { version: manifest.version, manifest, from: { folder } }]);
  }
  return found;
}

async function ownPackages(folder: string): Promise<[string, Offered][]> {
  const workspaces = Object.keys(OURS).flatMap((name) => ['-w', name]);
  await runNpm(['pack', ...workspaces, '--pack-destination', folder, '--silent'], ROOT);
  const packed = await readdir(folder);
  return Object.entries(OURS).map(([name, path]) => {
    const manifest = JSON.parse(readFileSync(join(ROOT, path, 'package.json'), 'utf8')) as { version: string };
    const file = `${name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`;
    if (!packed.includes(file)) throw new Error(`npm pack did not write ${file}`);
    return [name, { version: manifest.version, manifest, from: { tarball: join(folder, file) } }];
  });
}
