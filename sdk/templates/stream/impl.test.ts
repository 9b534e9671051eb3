import { describeMuscle, fakeContext, runScope } from '@northstar/sdk/testing';
import { expect, test } from 'vitest';
import { handleReadAloud } from './impl.ts';

const DIR = import.meta.dirname;

// Every scope: its examples, wrong arguments, a refusal by GateChain, time-out and abort.
describeMuscle(DIR);

test('reads sentence by sentence, and says at the end how many there were', async () => {
  const text = 'It rains. Take an umbrella!';
  const { structured, recorded } = await runScope(DIR, 'my_muscle.read_aloud', { text });
  expect(recorded.pieces).toEqual(['It rains. ', 'Take an umbrella!']);
  expect(structured).toEqual({ sentences: 2 });
});

test('a caller who leaves ends the reading', async () => {
  const reading = handleReadAloud(fakeContext(), { text: 'One. Two. Three.' });
  await reading.next();
  await reading.return({ sentences: 0 });
  expect((await reading.next()).done).toBe(true);
});
