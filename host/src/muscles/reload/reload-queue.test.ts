import { expect, test } from 'vitest';
import { ReloadQueue } from './reload-queue.ts';

/** Work that ends when it is told to, and what has begun so far. */
function controlled() {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const work = (key: string): Promise<void> => {
    begun.push(key);
    return new Promise((resolve) => ends.push(resolve));
  };
  return { begun, work, endNext: async () => (ends.shift()?.(), await new Promise(setImmediate)) };
}

test('[RELOAD-06] requests that come while a muscle loads are one further load, not many', async () => {
  const { begun, work, endNext } = controlled();
  const queue = new ReloadQueue(4, work);
  const first = queue.request('a');
  const more = [queue.request('a'), queue.request('a'), queue.request('a')];
  expect(begun).toEqual(['a']);
  await endNext();
  await first;
  expect(begun).toEqual(['a', 'a']);
  await endNext();
  await Promise.all(more);
  await queue.idle();
  expect(begun).toEqual(['a', 'a']);
});

test('[RELOAD-06] so many muscles load at once and no more, and one that hangs holds up no other', async () => {
  const { begun, work, endNext } = controlled();
  const queue = new ReloadQueue(2, work);
  for (const key of ['a', 'b', 'c', 'a']) void queue.request(key);
  expect(begun).toEqual(['a', 'b']);
  await endNext();
  expect(begun).toEqual(['a', 'b', 'c']);
});
