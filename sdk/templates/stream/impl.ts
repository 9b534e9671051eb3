import type { MuscleContext } from '@northstar/sdk';
import { z } from 'zod';

export const ReadAloudInput = z.object({
  text: z.string().min(1).max(100_000).describe('What to read, at most 100 000 characters.'),
});

export const ReadAloud = z.object({ sentences: z.number().int().describe('How many pieces there were.') });

/**
 * Each value that is yielded reaches the caller as it comes; the next one is asked for when the caller has taken it.
 * When the caller leaves or time is up, the generator ends at its yield, and a `finally` around it runs.
 */
export async function* handleReadAloud(
  _ctx: MuscleContext,
  args: z.infer<typeof ReadAloudInput>,
): AsyncGenerator<string, z.infer<typeof ReadAloud>, void> {
  let sentences = 0;
  for (const [sentence] of args.text.matchAll(/[^.!?]+[.!?]*\s*/g)) {
    sentences++;
    yield sentence;
  }
  return { sentences };
}
