import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { NORTHSTAR, ROOT } from '../../acceptance/repository.ts';

export interface HostProcess {
  readonly url: string;
  /** Ends it with SIGKILL: nothing that it still meant to write gets written. */
  kill(): Promise<void>;
}

/** The built `northstar serve`, in a process of its own on a free port. */
export async function startHostProcess(env: Record<string, string>): Promise<HostProcess> {
  const child = spawn(process.execPath, [NORTHSTAR, 'serve'], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, NORTHSTAR_PORT: '0', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  let log = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      const ready = /northstar is ready at (http:\S+)/.exec(log)?.[1];
      if (ready !== undefined) resolve(ready);
    });
    child.once('exit', (status) => reject(new Error(`the host ended with ${status} before it was ready:\n${log}`)));
  });
  return {
    url,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
