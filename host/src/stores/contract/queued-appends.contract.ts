import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Appended, EventSpine, StreamRef } from '../event-spine.ts';
import type { StoreError } from '../store-error.ts';
import { allEvents, freshTenant } from './contract-kit.ts';
import { answersInTime, behindProxy, soon, type ReachedEngine } from './engine-failures.contract.ts';

const CALLS = 32;

/** Events of one call, and the bytes of each: so many that the engine sends hardly two calls together. */
export interface CallSize {
  readonly events: number;
  readonly bytes: number;
}

/** What holds for appends that wait for each other on one stream. A driver's test calls it in one line. */
export function describeQueuedAppends(
  name: string,
  start: () => Promise<ReachedEngine<{ spine: EventSpine }>>,
  { events, bytes }: CallSize,
): void {
  describe(`queued appends: ${name}`, () => {
    const { stores, wire } = behindProxy(start);
    let at: StreamRef;

    beforeEach(() => {
      at = { tenantId: freshTenant(), stream: 'log' };
    });

    const idsOf = (call: number) => Array.from({ length: events }, (_, i) => `c${call}e${i}`);
    const data = 'x'.repeat(bytes);
    const append = (call: number): Promise<readonly Appended[]> => {
      const entries = idsOf(call).map((eventId) => ({ at, event: { type: 'counted', data, eventId } }));
      const { spine } = stores();
      return entries.length > 1 ? spine.appendAll(entries) : spine.append(at, entries[0]!.event).then((one) => [one]);
    };

    it('[STORE-03] answers all of them within bounds when the server is silent, and says which it never sent', async () => {
      await append(0);
      wire().muteAnswers(true);
      const calls = Array.from({ length: CALLS }, (_, i) => i + 1);
      const appends = calls.map(append);
      const told = await answersInTime(appends);
      const unsent = calls.filter((_, i) => told[i] === 'unavailable');
      expect(told).not.toContain('done');
      expect(unsent.length).toBeGreaterThanOrEqual(CALLS - 4);
      for (const call of unsent) {
        const { message } = (await appends[call - 1]!.catch((error: StoreError) => error)) as StoreError;
        // Or it got no further than to ask for the head of the stream.
        expect(message).toMatch(/nothing was written|could not read/);
      }

      wire().muteAnswers(false);
      await vi.waitFor(() => append(CALLS + 1), soon);
      const stored = (await allEvents(stores().spine, at)).map(({ eventId }) => eventId);
      for (const call of unsent) expect(stored).not.toContain(idsOf(call)[0]);
      // Whatever became of those that were sent: repeated as they were, each is there once.
      for (const call of calls) await append(call);
      const whole = (await allEvents(stores().spine, at)).map(({ eventId }) => eventId);
      expect(whole.slice(0, stored.length)).toEqual(stored);
      expect(whole.toSorted()).toEqual([0, ...calls, CALLS + 1].flatMap(idsOf).toSorted());
    });
  });
}
