import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const NORTHSTAR = fileURLToPath(new URL('../bin/northstar.js', import.meta.url));

export interface ReloadServer {
  readonly url: string;
  /** Milliseconds from the start of the process to "ready". */
  readonly startMs: number;
  /** Resident memory of the process once it was ready, in MiB; NaN where the system does not tell. */
  readonly rssMiB: number;
  stop(): Promise<void>;
}

/** `northstar serve` with every muscle of a folder, in a process of its own. */
export async function startReloadServer(
  plugins: string,
  dataDir: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ReloadServer> {
  const begun = performance.now();
  const child = spawn(process.execPath, [NORTHSTAR, 'serve'], {
    env: {
      PATH: process.env.PATH,
      ENABLED_MUSCLES: '*',
      NORTHSTAR_PLUGINS: plugins,
      NORTHSTAR_PORT: '0',
      NORTHSTAR_DATA_DIR: dataDir,
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let told = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      told += chunk.toString();
      const ready = /ready at (\S+)/.exec(told)?.[1];
      if (ready !== undefined) resolve(ready);
    });
    child.once('exit', () => reject(new Error(`northstar serve ended: ${told}`)));
  });
  const startMs = performance.now() - begun;
  return {
    url,
    startMs,
    rssMiB: await residentMiB(child.pid),
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function residentMiB(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
}
