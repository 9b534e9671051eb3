import { expect, test } from 'vitest';
import { RestartPolicy } from './restart-policy.ts';

test('[ISO-06] an isolate that keeps failing restarts later and later, then rests for a minute', () => {
  let now = 0;
  const policy = new RestartPolicy(() => now);
  const plans = Array.from({ length: 5 }, () => {
    now += 1000;
    return policy.failed();
  });
  expect(plans).toEqual([
    { waitMs: 0, open: false },
    { waitMs: 100, open: false },
    { waitMs: 200, open: false },
    { waitMs: 400, open: false },
    { waitMs: 60_000, open: true },
  ]);
});

test('[ISO-06] one failure right after the rest opens the circuit again, and a calm time closes it', () => {
  let now = 0;
  const policy = new RestartPolicy(() => now);
  for (let failure = 0; failure < 5; failure++) policy.failed();
  now += 61_000;
  expect(policy.failed().open).toBe(true);
  now += 200_000;
  expect(policy.failed()).toEqual({ waitMs: 0, open: false });
});
