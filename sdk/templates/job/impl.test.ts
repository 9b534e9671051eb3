import { describeMuscle, fakeContext, runScope } from '@northstar/sdk/testing';
import { expect, test } from 'vitest';
import { handleCountWords } from './impl.ts';

const DIR = import.meta.dirname;

// Every scope: its examples, wrong arguments, a refusal by GateChain, time-out and abort.
describeMuscle(DIR);

test('counts words, and says how far it is', async () => {
  const text = 'to be or not\nto be';
  const { structured, recorded } = await runScope(DIR, 'my_muscle.count_words', { text });
  const most_used = [{ word: 'to', count: 2 }, { word: 'be', count: 2 }, {}, {}];
  expect(structured).toMatchObject({ words: 6, most_used });
  expect(recorded.progress).toEqual([{ progress: 2, total: 2 }]);
});

test('a job that was cancelled stops', async () => {
  const ctx = fakeContext({ signal: AbortSignal.abort() });
  await expect(handleCountWords(ctx, { text: 'to be' })).rejects.toThrow();
  expect(ctx.recorded.progress).toEqual([]);
});
