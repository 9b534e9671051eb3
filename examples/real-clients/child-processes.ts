import type { ChildProcess } from 'node:child_process';

const running = new Set<ChildProcess>();

/** Remembers a child process, so that none outlives this one. */
export function track<T extends ChildProcess>(child: T): T {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Ends what still runs; called on every way out. */
export function endChildProcesses(): void {
  for (const child of running) child.kill('SIGKILL');
}
