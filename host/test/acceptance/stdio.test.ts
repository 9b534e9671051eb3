import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { classicStdio, modernStdio, type Stdio } from './mcp-clients.ts';
import { NORTHSTAR, PLUGINS } from './repository.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'northstar-stdio-'));
  await cp(join(PLUGINS, 'echo'), join(folder, 'plugins/echo'), { recursive: true });
  await mkdir(join(folder, 'plugins/noisy'));
  await writeFile(
    join(folder, 'plugins/noisy/spec.yaml'),
    'id: noisy\nname: Noisy\nsummary: Writes to stdout.\nscopes:\n  - {name: noisy.say, description: Talks., handler: say, input_model: In, effects: read}\n',
  );
  await writeFile(
    join(folder, 'plugins/noisy/impl.ts'),
    `import { z } from 'zod';
     console.log('noise at import');
     export const In = z.object({});
     export function say() {
       console.log('noise from console.log');
       console.info('noise from console.info');
       process.stdout.write('noise from stdout.write\\n');
       return { said: true };
     }`,
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let hosts = 0;
function stdioServer(env: Record<string, string> = {}): Stdio {
  return {
    command: process.execPath,
    args: [NORTHSTAR, 'stdio'],
    env: {
      PATH: process.env.PATH ?? '',
      ENABLED_MUSCLES: 'echo,noisy',
      NORTHSTAR_PLUGINS: join(folder, 'plugins'),
      NORTHSTAR_DATA_DIR: join(folder, `data-${hosts++}`),
      ...env,
    },
  };
}

test.each([
  { era: '2025', open: classicStdio },
  { era: '2026', open: modernStdio },
])(
  '[STDIO-01] a client of $era lists and calls over stdio, as the user that the environment names',
  async ({ open }) => {
    const client = await open(stdioServer({ NORTHSTAR_TENANT_ID: 't_stdio', NORTHSTAR_USER_ID: 'u_ada' }));
    expect((await client.listTools()).tools.map((tool) => tool.name)).toEqual(['echo_ping', 'noisy_say']);
    const answer = await client.callTool({ name: 'echo.ping', arguments: { message: 'over stdio' } });
    expect(answer.structuredContent).toMatchObject({ message: 'over stdio', tenant_id: 't_stdio' });
    await client.close();
  },
);

test('[STDIO-02] stdout carries nothing but protocol messages, even when a muscle writes to it', async () => {
  const { command, args, env } = stdioServer();
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const send = (message: object): boolean => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  send({
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
  });
  send({ method: 'notifications/initialized' });
  send({ id: 2, method: 'tools/call', params: { name: 'noisy_say', arguments: {} } });
  await expect.poll(() => stdout.includes('"id":2'), { timeout: 20_000 }).toBe(true);
  child.stdin.end();
  await new Promise((resolve) => child.once('exit', resolve));

  const messages = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { jsonrpc: string });
  expect(messages.every((message) => message.jsonrpc === '2.0')).toBe(true);
  for (const noise of ['at import', 'console.log', 'console.info', 'stdout.write'])
    expect(stderr).toContain(`noise ${noise.startsWith('at') ? '' : 'from '}${noise}`);
});

test('[STDIO-03] the process ends by itself, with status 0, when its client closes stdin', async () => {
  const { command, args, env } = stdioServer();
  const child = spawn(command, args, { env, stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin.end();
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
});

test.each(['saas', 'enterprise'])(
  '[STDIO-04] the process refuses to serve %s: one line says why and what to do, nothing goes to stdout',
  async (mode) => {
    const { command, args, env } = stdioServer({
      ENABLED_MUSCLES: 'echo',
      NORTHSTAR_MODE: mode,
      NORTHSTAR_TENANT_ID: 't_acme',
    });
    const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    // stdin stays open: the process must not wait for its client to leave.
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(1);
    expect(stdout).toBe('');
    const [line, ...rest] = stderr.trim().split('\n');
    expect(line).toMatch(new RegExp(`^error .*lab mode only, not ${mode}\\. Set NORTHSTAR_MODE=lab`));
    expect(rest).toEqual([]);
  },
);
