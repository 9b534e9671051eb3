import { expect, test } from 'vitest';
import { RefusalTally } from './refusal-tally.ts';

test('[AUDIT-04] the first refusals of a kind are recorded one by one, the rest is counted with its time', () => {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const tally = new RefusalTally(() => now);
  const admitted = Array.from({ length: 500 }, () => {
    now += 1;
    return tally.admit('identity.unauthenticated', '10.0.0.1');
  });
  const recorded = admitted.filter(Boolean).length;
  expect(recorded).toBeLessThanOrEqual(10);
  expect(admitted.slice(0, recorded).every(Boolean)).toBe(true);
  expect(tally.close()).toEqual([
    {
      code: 'identity.unauthenticated',
      source: '10.0.0.1',
      count: 500 - recorded,
      firstAt: '2026-01-01T00:00:00.011Z',
      lastAt: '2026-01-01T00:00:00.500Z',
    },
  ]);
});

test('[AUDIT-04] however many addresses send, records and tallies stay few and nothing goes uncounted', () => {
  const tally = new RefusalTally();
  let recorded = 0;
  for (let i = 0; i < 20_000; i++) if (tally.admit('origin.forbidden', `10.0.${i >> 8}.${i & 255}`)) recorded++;
  const counted = tally.close();
  expect(recorded).toBeLessThanOrEqual(60);
  expect(counted.length).toBeLessThanOrEqual(21);
  expect(counted.reduce((sum, { count }) => sum + count, recorded)).toBe(20_000);
});

test('[AUDIT-04] a flood of one code hides no other code, and a new interval starts anew', () => {
  const tally = new RefusalTally();
  for (let i = 0; i < 20_000; i++) tally.admit('origin.forbidden', `10.0.${i >> 8}.${i & 255}`);
  expect(tally.admit('identity.mismatch', '192.0.2.1')).toBe(true);
  tally.close();
  expect(tally.admit('origin.forbidden', '10.0.0.1')).toBe(true);
  expect(tally.close()).toEqual([]);
});
