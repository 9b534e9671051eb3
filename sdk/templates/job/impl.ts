import type { JobContext } from '@northstar/sdk';
import { z } from 'zod';

export const CountWordsInput = z.object({
  text: z.string().min(1).max(1_000_000).describe('The text, at most 1 000 000 characters.'),
});

export const WordCounts = z.object({
  words: z.number().int(),
  most_used: z.array(z.object({ word: z.string(), count: z.number().int() })).describe('At most ten, the first first.'),
});

const LINES_A_STEP = 1000;

/** Runs behind the answer of the call: `ctx.progress` shows in the status, what it returns becomes the result. */
export async function handleCountWords(
  ctx: JobContext,
  args: z.infer<typeof CountWordsInput>,
): Promise<z.infer<typeof WordCounts>> {
  const lines = args.text.split('\n');
  const counts = new Map<string, number>();
  for (let done = 0; done < lines.length; done += LINES_A_STEP) {
    // Aborted when someone cancels the job, when its time is up, and when the host stops.
    ctx.signal.throwIfAborted();
    const step = lines.slice(done, done + LINES_A_STEP).join('\n');
    for (const [word] of step.toLowerCase().matchAll(/\p{L}+/gu)) counts.set(word, (counts.get(word) ?? 0) + 1);
    await ctx.progress({ progress: Math.min(done + LINES_A_STEP, lines.length), total: lines.length });
  }
  const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, 10);
  return {
    words: [...counts.values()].reduce((sum, count) => sum + count, 0),
    most_used: most.map(([word, count]) => ({ word, count })),
  };
}
