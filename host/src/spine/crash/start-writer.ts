import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Acknowledged } from './crash-writer.ts';

export interface Writer {
  readonly first: Promise<Acknowledged>;
  /** Lets it open the folder and write. */
  go(): void;
  /** Ends it with SIGKILL; what it had acknowledged by then. */
  kill(): Promise<Acknowledged[]>;
}

/** Starts a writer in a process of its own. */
export function startWriter(folder: string, run: string): Writer {
  const script = join(import.meta.dirname, 'crash-writer.ts');
  const child = spawn(process.execPath, ['--import', 'jiti/register', script, folder, run], {
    cwd: import.meta.dirname,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines: Acknowledged[] = [];
  const output = createInterface({ input: child.stdout });
  const ended = once(output, 'close');
  const first = new Promise<Acknowledged>((resolve, reject) => {
    output.on('line', (line) => {
      // The last line may be cut off by the kill: it is then no acknowledgement that anybody has seen.
      if (line.endsWith('}')) lines.push(JSON.parse(line) as Acknowledged);
      if (lines[0]) resolve(lines[0]);
    });
    output.on('close', () => reject(new Error('the writer ended without a word')));
  });
  first.catch(() => undefined);
  child.stdin.on('error', () => undefined);
  return {
    first,
    go: () => void child.stdin.write('go\n'),
    async kill() {
      child.kill('SIGKILL');
      await ended;
      return lines;
    },
  };
}
