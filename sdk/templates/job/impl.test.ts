import type { MuscleContext } from '@northstar/sdk';
import { expect, test } from 'vitest';
import { handleCountWords } from './impl.ts';

function contextOf(signal: AbortSignal): { ctx: MuscleContext; progress: unknown[] } {
  const progress: unknown[] = [];
  const ctx = { signal, progress: async (update: unknown) => void progress.push(update) } as MuscleContext;
  return { ctx, progress };
}

test('counts words, and says how far it is', async () => {
  const { ctx, progress } = contextOf(new AbortController().signal);
  const counted = await handleCountWords(ctx, { text: 'to be or not\nto be' });
  expect(counted).toMatchObject({ words: 6, most_used: [{ word: 'to', count: 2 }, { word: 'be', count: 2 }, {}, {}] });
  expect(progress).toEqual([{ progress: 2, total: 2 }]);
});

test('a job that was cancelled stops', async () => {
  const { ctx, progress } = contextOf(AbortSignal.abort());
  await expect(handleCountWords(ctx, { text: 'to be' })).rejects.toThrow();
  expect(progress).toEqual([]);
});
