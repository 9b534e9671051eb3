import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { muscleIds, writeMuscles } from './generate-muscles.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const REPORT_CPU = new URL('report-cpu.mjs', import.meta.url).href;
const START_TIMEOUT_MS = 60_000;

/** A server under test, in a process of its own. */
export interface ServerProcess {
  readonly url: string;
  /** Microseconds of CPU that the process used since it began, user and system, all threads. */
  cpuMicros(): Promise<number>;
  stop(): Promise<void>;
}

export function startBareSdk(): Promise<ServerProcess> {
  return start(['--import', 'jiti/register', '--import', REPORT_CPU, here('bare-sdk-server.ts')], {});
}

/** The built command line, `northstar serve`, with generated muscles and a data folder of its own. */
export async function startNorthstar(folder: string, tools: number): Promise<ServerProcess> {
  const plugins = join(folder, 'plugins');
  await mkdir(plugins, { recursive: true });
  await writeMuscles(plugins, tools);
  const ids = muscleIds(tools).join(',');
  return start(['--import', REPORT_CPU, here('../bin/northstar.js'), 'serve'], {
    ENABLED_MUSCLES: ids,
    MUSCLES_MUST_LOAD: ids,
    NORTHSTAR_PLUGINS: plugins,
    NORTHSTAR_PORT: '0',
    NORTHSTAR_DATA_DIR: join(folder, 'data'),
  });
}

async function start(args: readonly string[], settings: Record<string, string>): Promise<ServerProcess> {
  const child = spawn(process.execPath, args, {
    cwd: here('.'),
    env: { ...withoutOwnSettings(process.env), NODE_ENV: 'production', ...settings },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const url = await readyUrl(child);
  return {
    url,
    async cpuMicros() {
      const answer = once(child, 'message') as Promise<[NodeJS.CpuUsage]>;
      child.send('cpu');
      const [{ user, system }] = await answer;
      return user + system;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Settings of the shell that started the benchmark must not change what is measured. */
function withoutOwnSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^NORTHSTAR_|^ENABLED_MUSCLES$|^MUSCLES_MUST_LOAD$/.test(name)),
  );
}

/** Waits for the line that names the address; a server that ends before is reported with what it wrote. */
function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let written = '';
    const timer = setTimeout(() => fail('did not start in time'), START_TIMEOUT_MS);
    const fail = (reason: string): void => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new Error(`A server under test ${reason}:\n${written.slice(-2000)}`));
    };
    const onExit = (): void => fail('ended at its start');
    child.once('exit', onExit);
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      written = (written + chunk).slice(-10_000);
      const url = /ready at (http:\S+)/.exec(written)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      child.off('exit', onExit);
      resolve(url);
    });
  });
}
