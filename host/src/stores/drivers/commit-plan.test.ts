import { expect, it } from 'vitest';
import { planCommits, prepared } from './commit-plan.ts';

const at = { tenantId: 't_a', stream: 'log' };
const entry = () =>
  prepared({ at, event: { type: 'counted', data: 1, eventId: 'once' } }, { maxBytes: 1000, setBy: '' });
const heads = (stream: string) => new Map([[stream, undefined]]);
const plan = (known: Parameters<typeof planCommits>[1]['known']) => {
  const both = [entry(), entry()];
  const found = { heads: heads(both[0]!.stream), known };
  return planCommits(both, found, '2030-01-31T12:00:00.000Z', 1000).answers.map(({ duplicate }) => duplicate);
};

it('[STORE-06] tells one of two callers with the same event id that it wrote the event', () => {
  expect(plan(new Map())).toEqual([false, true]);
});

it('[STORE-06] tells one of them so when the answer was lost and the event is found again', () => {
  const { idHash } = entry();
  expect(plan(new Map([[idHash, { seq: 1, mine: true }]]))).toEqual([false, true]);
  expect(plan(new Map([[idHash, { seq: 1, mine: false }]]))).toEqual([true, true]);
});
