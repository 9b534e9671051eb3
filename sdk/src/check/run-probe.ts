import { fork } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../package-root.ts';
import type { ProbeReport, ProbeTask } from './probe-task.ts';

/** Milliseconds that importing a muscle may take; the host waits as long. */
const IMPORT_TIMEOUT_MS = 10_000;

export type ProbeResult =
  | { readonly ended: 'reported'; readonly report: ProbeReport; readonly stdout: string }
  | { readonly ended: 'exited'; readonly status: string; readonly stdout: string }
  | { readonly ended: 'hung'; readonly timeoutMs: number; readonly stdout: string };

/** Imports and binds a muscle in a process of its own. Never rejects because of what the muscle does. */
export function runProbe(task: ProbeTask, timeoutMs = IMPORT_TIMEOUT_MS): Promise<ProbeResult> {
  return new Promise((resolve, reject) => {
    const child = fork(join(packageRoot(), 'dist/check/probe.js'), {
      cwd: task.dir,
      stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
      execArgv: [],
    });
    let stdout = '';
    let result: ProbeResult | undefined;
    child.stdout?.on('data', (chunk: Buffer) => (stdout = (stdout + chunk.toString()).slice(0, 500)));
    const timer = setTimeout(() => {
      result ??= { ended: 'hung', timeoutMs, stdout };
      child.kill('SIGKILL');
    }, timeoutMs);
    child.once('message', (report) => (result = { ended: 'reported', report: report as ProbeReport, stdout }));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ ...(result ?? { ended: 'exited', status: String(code ?? signal) }), stdout });
    });
    child.send(task);
  });
}
