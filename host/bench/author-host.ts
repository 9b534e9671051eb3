import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

export interface RunningDev {
  readonly url: string;
  readonly child: ChildProcess;
}

const HEADERS = { 'X-Mode': 'lab', 'X-Tenant-Id': 't_demo', 'X-Project-Id': 'p_demo' };
/** Milliseconds after which a tool that was not listed yet counts as never listed. */
const PATIENCE_MS = 60_000;

/** `northstar dev` on a free port, once it says that it is ready. */
export async function startDev(northstar: string, cwd: string): Promise<RunningDev> {
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    NORTHSTAR_PORT: '0',
    NORTHSTAR_DATA_DIR: join(cwd, '.northstar'),
  };
  const child = spawn(process.execPath, [northstar, 'dev'], { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
  const url = await new Promise<string>((resolve, reject) => {
    let told = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      told += chunk.toString();
      const ready = /ready at (\S+)/.exec(told)?.[1];
      if (ready !== undefined) resolve(ready);
    });
    child.once('exit', () => reject(new Error(`northstar dev ended: ${told}`)));
  });
  return { url, child };
}

export async function stop({ child }: RunningDev): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill();
  await once(child, 'exit');
}

/** Calls the new tool with a real MCP client as soon as it is listed, and makes sure that the call was recorded. */
export async function firstGovernedCall(url: string, id: string): Promise<void> {
  const client = new Client({ name: 'bench-author', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit: { headers: HEADERS } }));
  try {
    const name = `${id}_hello`;
    for (const start = performance.now(); !(await lists(client, name));) {
      if (performance.now() - start > PATIENCE_MS) throw new Error(`${name} is not listed`);
      await pause(20);
    }
    const { structuredContent } = await client.callTool({ name, arguments: { name: 'Ada' } });
    if ((structuredContent as { greeting?: string } | undefined)?.greeting !== 'Hello, Ada!')
      throw new Error(`${name} answered wrongly`);
  } finally {
    await client.close();
  }
  const verdict = (await (await fetch(`${url}/audit/verify`, { headers: HEADERS })).json()) as {
    ok?: boolean;
    records?: number;
  };
  if (verdict.ok !== true || !verdict.records)
    throw new Error(`the call left no audit record: ${JSON.stringify(verdict)}`);
}

async function lists(client: Client, name: string): Promise<boolean> {
  const { tools } = await client.listTools();
  return tools.some((tool) => tool.name === name);
}
