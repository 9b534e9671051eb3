import { expect, test } from 'vitest';
import { periodOf } from './window.ts';

test.each([
  ['day', '2026-11-20T23:59:59.999Z', { id: '2026-11-20', resetsAt: '2026-11-21T00:00:00.000Z' }],
  ['day', '2026-12-31T00:00:00.000Z', { id: '2026-12-31', resetsAt: '2027-01-01T00:00:00.000Z' }],
  ['month', '2026-12-31T23:00:00.000Z', { id: '2026-12', resetsAt: '2027-01-01T00:00:00.000Z' }],
  ['month', '2028-02-29T12:00:00.000Z', { id: '2028-02', resetsAt: '2028-03-01T00:00:00.000Z' }],
  ['total', '2026-11-20T12:00:00.000Z', { id: 'all' }],
] as const)('[BUD-04] the %s of %s is a calendar one in UTC', (window, at, period) => {
  expect(periodOf(window, Date.parse(at))).toEqual(period);
});
