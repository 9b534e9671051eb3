import type { MuscleContext } from '@northstar/sdk';
import { expect, test } from 'vitest';
import { handleReadAloud, ReadAloudInput } from './impl.ts';

const ctx = {} as MuscleContext;

test('reads sentence by sentence, and says at the end how many there were', async () => {
  const reading = handleReadAloud(ctx, { text: 'It rains. Take an umbrella!' });
  expect(await reading.next()).toEqual({ done: false, value: 'It rains. ' });
  expect(await reading.next()).toEqual({ done: false, value: 'Take an umbrella!' });
  expect(await reading.next()).toEqual({ done: true, value: { sentences: 2 } });
});

test('a caller who leaves ends the reading', async () => {
  const reading = handleReadAloud(ctx, { text: 'One. Two. Three.' });
  await reading.next();
  await reading.return({ sentences: 0 });
  expect((await reading.next()).done).toBe(true);
});

test('an empty text is refused', () => {
  expect(ReadAloudInput.safeParse({ text: '' }).success).toBe(false);
});
