import { setTimeout } from 'node:timers/promises';
import { beforeEach, expect, it } from 'vitest';
import type { Appended } from '../event-spine.ts';
import { StoreError } from '../store-error.ts';
import { SharedAppends } from './shared-appends.ts';

/** What was sent, a commit each. */
let sent: string[];
/** What happens to the next commits, before they succeed. */
let troubles: (() => Promise<unknown>)[];
let shared: SharedAppends<string>;

const silence = (): Promise<unknown> =>
  setTimeout(300).then(() => Promise.reject(new StoreError('unknown_outcome', 'no answer')));
const add = (entry: string): Promise<string> =>
  shared.add('log', entry, 1).then(
    () => 'done',
    (error: StoreError) => error.code,
  );

beforeEach(() => {
  [sent, troubles] = [[], []];
  const append = async (entries: readonly string[]): Promise<readonly Appended[]> => {
    sent.push(...entries);
    await troubles.shift()?.();
    return entries.map((_, i) => ({ cursor: `${i}`, seq: i, duplicate: false }));
  };
  shared = new SharedAppends(append, { maxEntries: 1, maxBytes: 10 });
});

it('refuses what waited while a commit got no answer, and sends what came meanwhile', async () => {
  troubles = [silence];
  const waiting = ['a', 'b', 'c'].map(add);
  await setTimeout(50);
  const later = add('d');
  expect(await Promise.all(waiting)).toEqual(['unknown_outcome', 'unavailable', 'unavailable']);
  expect([await later, await add('e'), sent]).toEqual(['done', 'done', ['a', 'd', 'e']]);
});

it('sends what waited while a commit failed at once, or for a reason of its own', async () => {
  troubles = [
    () => Promise.reject(new StoreError('unavailable', 'connection reset')),
    () => setTimeout(300).then(() => Promise.reject(new StoreError('too_large', 'too large'))),
  ];
  expect(await Promise.all(['a', 'b', 'c'].map(add))).toEqual(['unavailable', 'too_large', 'done']);
  expect(sent).toEqual(['a', 'b', 'c']);
});
