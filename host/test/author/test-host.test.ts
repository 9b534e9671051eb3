import { cp, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createTestHost } from '@northstar/sdk/testing';
import { PLUGINS } from '../acceptance/repository.ts';
import { emptyFolder, installPacked, removeFolder } from './packed-packages.ts';
import { runNode, type Ended } from './run-command.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 180_000 });

/** What someone writes who installed the SDK: starts a host with echo, calls it, and says what it answered. */
const SCRIPT = `import { createTestHost } from '@northstar/sdk/testing';
const host = await createTestHost({ plugins: [process.argv[2]], muscles: ['echo'] }).catch((error) => {
  console.log(error.message);
  process.exit(3);
});
const headers = { ...host.headers, 'Content-Type': 'application/json' };
const body = JSON.stringify({ message: 'hello' });
const answer = await fetch(\`\${host.url}/tools/echo.ping\`, { method: 'POST', headers, body });
console.log((await answer.json()).message);
await host.close();
`;

let dir: string;
beforeAll(async () => {
  dir = await emptyFolder('test-host');
  await installPacked(dir);
  await writeFile(join(dir, 'script.mjs'), SCRIPT);
});
afterAll(() => removeFolder(dir));

const script = (): Promise<Ended> => runNode(join(dir, 'script.mjs'), [join(dir, 'plugins')], dir);

test('[KIT-06] the packed SDK starts the host that is installed beside it, and without one says what to install', async () => {
  await cp(join(PLUGINS, 'echo'), join(dir, 'plugins/echo'), { recursive: true });
  expect(await script()).toMatchObject({ status: 0, stdout: 'hello\n' });

  const home = join(dir, 'node_modules/@northstar/host');
  await rename(home, join(dir, 'uninstalled'));
  expect(await script()).toMatchObject({
    status: 3,
    stdout: expect.stringContaining('npm install --save-dev @northstar/host') as string,
  });
});

test('[KIT-06] a muscle that does not load leaves a host that says why', async () => {
  const broken = join(dir, 'broken');
  await mkdir(broken);
  await writeFile(join(broken, 'spec.yaml'), 'id: broken\n');
  const host = await createTestHost({ plugins: [broken], muscles: ['broken'] });
  const [status] = host.registry.statuses;
  await host.close();
  expect(status).toMatchObject({ id: 'broken', state: 'failed' });
  expect(status?.diagnostics.map(({ code }) => code)).toContain('spec.missing_field');
});
