import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface NpxRun {
  /** Absent when the process was ended by a signal, the time limit included. */
  readonly code?: number;
  readonly output: readonly string[];
}

/** Runs a command of npm packages that are not installed here, and gives all that it wrote, line by line. */
export async function npx(
  command: readonly string[],
  options: { packages: readonly string[]; cwd: string; timeoutMs: number; onLine?: (line: string) => void },
): Promise<NpxRun> {
  const packages = options.packages.flatMap((name) => ['-p', name]);
  const args = ['-y', '--prefer-offline', '--fetch-retries=1', ...packages, ...command];
  const child = spawn('npx', args, {
    cwd: options.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.timeoutMs,
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      output.push(line);
      options.onLine?.(line);
    });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { ...(code !== null && { code }), output };
}
