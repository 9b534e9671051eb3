import { setTimeout as sleep } from 'node:timers/promises';
import type { MuscleContext } from '@northstar/sdk';

/** Milliseconds between two notifications, as the suite asks for. */
const PAUSE_MS = 50;

export async function reportProgress(ctx: MuscleContext): Promise<string> {
  for (const progress of [0, 50, 100]) {
    await ctx.progress({ progress, total: 100, message: `Completed ${progress} of 100` });
    await sleep(PAUSE_MS);
  }
  return 'Progress reported.';
}

export async function logThreeLines(ctx: MuscleContext): Promise<string> {
  for (const line of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
    await ctx.notifyLog('info', line);
    await sleep(PAUSE_MS);
  }
  return 'Three lines logged.';
}

export async function logOneLine(ctx: MuscleContext): Promise<string> {
  await ctx.notifyLog('info', 'The tool ran');
  return 'One line logged.';
}
