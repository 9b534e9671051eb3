import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { track } from './child-processes.ts';
import type { Target } from './client-session.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BIN = fileURLToPath(new URL('../../host/bin/northstar.js', import.meta.url));
const START_MS = 30_000;
const STOP_MS = 10_000;

export const IDENTITY = { 'x-mode': 'lab', 'x-tenant-id': 't_real_clients', 'x-project-id': 'p_real_clients' };

/** The built host as a process of its own, serving HTTP on a free port. */
export class HttpHost {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #log: () => string;

  private constructor(url: string, child: ChildProcess, log: () => string) {
    this.url = url;
    this.#child = child;
    this.#log = log;
  }

  /** Resolves once the host says that it is ready, and rejects with what it printed when it does not. */
  static start(dataDir: string): Promise<HttpHost> {
    const env = hostEnvironment(dataDir, { NORTHSTAR_PORT: '0' });
    const child = track(
      spawn(process.execPath, [BIN, 'serve'], { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'pipe'] }),
    );
    let log = '';
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        child.kill('SIGKILL');
        reject(new Error(`The HTTP host ${why}. It printed:\n${log.trim() || 'nothing'}`));
      };
      const timer = setTimeout(() => fail(`was not ready within ${START_MS / 1000} seconds`), START_MS);
      child.once('exit', (status) => {
        clearTimeout(timer);
        fail(`ended with status ${status} before it was ready`);
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        log += text;
        const url = /northstar is ready at (http:\S+)/.exec(log)?.[1];
        if (url === undefined) return;
        clearTimeout(timer);
        child.removeAllListeners('exit');
        track(child);
        resolve(new HttpHost(url, child, () => log));
      });
    });
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Asks the host to stop and waits. Rejects when it takes too long or ends with another status than 0. */
  stop(): Promise<void> {
    if (!this.running) return Promise.reject(new Error(`The HTTP host had ended by itself:\n${this.#log()}`));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#child.kill('SIGKILL');
        reject(new Error(`The HTTP host did not stop within ${STOP_MS / 1000} seconds of SIGTERM`));
      }, STOP_MS);
      this.#child.once('exit', (status, signal) => {
        clearTimeout(timer);
        if (status === 0) resolve();
        else reject(new Error(`The HTTP host ended with ${signal ?? `status ${status}`}:\n${this.#log()}`));
      });
      this.#child.kill('SIGTERM');
    });
  }
}

/** The host over stdio, as a client's configuration names it: the client starts it. */
export function stdioTarget(dataDir: string, userId: string, extra: Record<string, string> = {}): Target {
  const env = hostEnvironment(dataDir, {
    NORTHSTAR_MODE: IDENTITY['x-mode'],
    NORTHSTAR_TENANT_ID: IDENTITY['x-tenant-id'],
    NORTHSTAR_PROJECT_ID: IDENTITY['x-project-id'],
    NORTHSTAR_USER_ID: userId,
    ...extra,
  });
  return { transport: 'stdio', command: process.execPath, args: [BIN, 'stdio'], env };
}

/** Settings of the reader's own shell must not change what is checked here, so the environment is made afresh. */
function hostEnvironment(dataDir: string, extra: Record<string, string>): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    ENABLED_MUSCLES: 'echo,media_v2',
    MUSCLES_MUST_LOAD: 'echo,media_v2',
    NORTHSTAR_PLUGINS: fileURLToPath(new URL('../../plugins', import.meta.url)),
    NORTHSTAR_DATA_DIR: dataDir,
    ...extra,
  };
}
