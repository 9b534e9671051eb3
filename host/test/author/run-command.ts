import { execFile } from 'node:child_process';

export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a script of ours with Node, as its `bin` would, and waits for its end. */
export function runNode(script: string, args: readonly string[], cwd: string): Promise<Ended> {
  return run(process.execPath, [script, ...args], { cwd });
}

export function runNpm(args: readonly string[], cwd: string): Promise<Ended> {
  return run('npm', args, { cwd, shell: process.platform === 'win32' });
}

function run(command: string, args: readonly string[], options: { cwd: string; shell?: boolean }): Promise<Ended> {
  // Colours and the settings of the test runner around us would reach the child.
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1' };
  return new Promise((resolve) =>
    execFile(command, args, { ...options, env }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr }),
    ),
  );
}
