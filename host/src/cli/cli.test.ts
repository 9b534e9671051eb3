import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NORTHSTAR, ROOT } from '../../test/acceptance/repository.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'northstar-cli-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

let runs = 0;
function northstar(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const full = {
    PATH: process.env.PATH,
    ENABLED_MUSCLES: 'echo',
    NORTHSTAR_DATA_DIR: join(folder, `data-${runs++}`),
    ...env,
  };
  return new Promise((resolve) =>
    execFile(process.execPath, [NORTHSTAR, ...args], { cwd: ROOT, env: full }, (error, stdout, stderr) =>
      resolve({ status: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    ),
  );
}

test.each([[], ['serve'], ['dev'], ['stdio'], ['muscles'], ['call']])(
  '[CLI-01] northstar %s --help teaches its use',
  async (...command) => {
    const { status, stdout } = await northstar([...command, '--help']);
    expect(status).toBe(0);
    expect(stdout).toContain('Usage: northstar');
  },
);

test('[CLI-02] northstar call prints the answer as JSON on stdout, and nothing else there', async () => {
  const { status, stdout } = await northstar(['call', 'echo.ping', '--json', '{"message":"from the command line"}']);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ message: 'from the command line', tenant_id: 't_lab' });
});

test('[CLI-02] northstar muscles --json prints every muscle with its state', async () => {
  const { status, stdout } = await northstar(['muscles', '--json'], { ENABLED_MUSCLES: 'echo,nobody' });
  expect(status).toBe(1);
  const { muscles } = JSON.parse(stdout) as { muscles: { id: string; state: string }[] };
  expect(muscles).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ id: 'echo', state: 'active', tools: ['echo.ping'] }),
      expect.objectContaining({ id: 'media_v2', state: 'disabled' }),
      expect.objectContaining({ id: 'nobody', state: 'missing' }),
    ]),
  );
});

test.each([
  { what: 'an unknown command', args: ['serv'], env: {}, says: 'serve' },
  { what: 'an unknown scope', args: ['call', 'echo.pong'], env: {}, says: 'echo.ping' },
  { what: 'arguments that are not JSON', args: ['call', 'echo.ping', '--json', '{message}'], env: {}, says: '--json' },
  {
    what: 'arguments that do not fit',
    args: ['call', 'echo.ping', '--json', '{"message":5}'],
    env: {},
    says: 'validation.failed',
  },
  {
    what: 'a public address without authentication',
    args: ['serve'],
    env: { NORTHSTAR_HOST: '0.0.0.0' },
    says: 'NORTHSTAR_AUTH=jwt',
  },
  { what: 'a port that is no number', args: ['serve'], env: { NORTHSTAR_PORT: 'http' }, says: 'NORTHSTAR_PORT' },
  { what: 'an incomplete jwt set-up', args: ['serve'], env: { NORTHSTAR_AUTH: 'jwt' }, says: 'NORTHSTAR_JWKS_URL' },
  {
    what: 'a muscle that must load and does not',
    args: ['serve'],
    env: { MUSCLES_MUST_LOAD: 'nobody' },
    says: 'MUSCLES_MUST_LOAD names nobody',
  },
  {
    what: 'a sellable mode without authentication',
    args: ['call', 'echo.ping', '--json', '{"message":"x"}'],
    env: { NORTHSTAR_MODE: 'saas', NORTHSTAR_TENANT_ID: 't_acme' },
    says: 'NORTHSTAR_MODE=lab',
  },
  {
    what: 'a data folder that is a file',
    args: ['serve'],
    env: { NORTHSTAR_DATA_DIR: NORTHSTAR },
    says: 'NORTHSTAR_DATA_DIR',
  },
])(
  '[CLI-03] $what fails with status 1 and a line that says what to do, without a stack trace',
  async ({ args, env, says }) => {
    const { status, stderr } = await northstar(args, env as Record<string, string>);
    expect(status).toBe(1);
    expect(stderr).toContain(says);
    expect(stderr).not.toMatch(/^\s+at .+:\d+:\d+\)?$/m);
  },
);

test('[CLI-03] a taken port fails with a line that names the setting', async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  const { port } = blocker.address() as { port: number };
  const { status, stderr } = await northstar(['serve'], { NORTHSTAR_PORT: String(port) });
  blocker.close();
  expect(status).toBe(1);
  expect(stderr).toContain('NORTHSTAR_PORT');
  expect(stderr).not.toContain('    at ');
});

test('[CLI-04] npm start serves echo and media_v2 unless ENABLED_MUSCLES is set, and prints how to connect', async () => {
  const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { scripts: { start: string } };
  const command = scripts.start.split(' && ').at(-1)?.split(' ').slice(2) ?? [];
  const told = await serveUntilReady(command, {});
  expect(told).toMatch(
    /ready at http:\/\/127\.0\.0\.1:\d+\n.*muscles {2}echo \(1 tool\), media_v2 \(\d+ tools\)\n.*data .+\n.*connect .+\/mcp/,
  );
  expect(await serveUntilReady(command, { ENABLED_MUSCLES: 'echo' })).not.toContain('media_v2');
});

/** Starts a host on a free port and gives what it had printed once it was ready and told to stop. */
function serveUntilReady(args: string[], muscles: Record<string, string>): Promise<string> {
  const env = {
    PATH: process.env.PATH,
    NORTHSTAR_PORT: '0',
    NORTHSTAR_DATA_DIR: join(folder, `data-${runs++}`),
    ...muscles,
  };
  const child = spawn(process.execPath, [NORTHSTAR, ...args], { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => {
    told += chunk.toString();
    if (told.includes('connect')) child.kill();
  });
  return new Promise((resolve) => child.once('exit', () => resolve(told)));
}

test('[CLI-03] a muscle that ends the process while it is imported is named', async () => {
  const plugins = await muscleFolder('quitter', 'process.exit(3);');
  const { status, stderr } = await northstar(['muscles'], { NORTHSTAR_PLUGINS: plugins, ENABLED_MUSCLES: 'quitter' });
  expect(status).toBe(3);
  expect(stderr).toContain('quitter/impl.ts ended the process');
});

test('[LOAD-02] a muscle whose import never ends is told after a time limit, and hides no other', async () => {
  const plugins = await muscleFolder('waiter', 'await new Promise(() => {});');
  const folders = [plugins, join(ROOT, 'plugins')].join(delimiter);
  const { stdout, stderr } = await northstar(['muscles'], {
    NORTHSTAR_PLUGINS: folders,
    ENABLED_MUSCLES: 'waiter,echo',
  });
  expect(stderr).toContain('impl.ts did not finish importing within 10000 ms');
  expect(stdout).toMatch(/echo +active/);
});

test.each([
  { what: 'a URL that is none', args: ['call', 'echo.ping', '--url', 'http://['], says: 'is not a URL' },
  {
    what: 'a host that does not answer',
    args: ['call', 'echo.ping', '--url', '127.0.0.1:1'],
    says: 'No host answers at http://127.0.0.1:1',
  },
  { what: 'an audit of a folder that holds nothing', args: ['audit', 'verify'], says: 'holds no northstar data' },
])('[CLI-03] $what fails with a line that says what to do', async ({ args, says }) => {
  const { status, stderr } = await northstar(args);
  expect(status).toBe(1);
  expect(stderr).toContain(says);
  expect(stderr).not.toContain('    at ');
});

/** A plugin folder with one muscle whose impl.ts ends with this line. */
async function muscleFolder(id: string, line: string): Promise<string> {
  const dir = join(folder, `plugins-${id}`, id);
  await mkdir(dir, { recursive: true });
  await writeFile(
    join(dir, 'spec.yaml'),
    `id: ${id}\nname: ${id}\nsummary: Fails.\nscopes:\n  - {name: ${id}.run, description: Runs., handler: run, input_model: In}\n`,
  );
  await writeFile(
    join(dir, 'impl.ts'),
    `import { z } from 'zod';\nexport const In = z.object({});\nexport const run = () => ({});\n${line}\n`,
  );
  return join(folder, `plugins-${id}`);
}
