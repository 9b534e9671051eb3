import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { NORTHSTAR, ROOT } from '../../acceptance/repository.ts';

/** Runs the built `northstar` to its end, with this environment and PATH alone. */
export async function runCommand(
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [NORTHSTAR, ...args], { cwd: ROOT, env: { PATH: process.env.PATH, ...env } });
  const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, stdout: await stdout, stderr: await stderr };
}
