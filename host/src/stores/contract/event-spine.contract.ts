import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EventSpine, StreamRef } from '../event-spine.ts';
import {
  allData,
  allEvents,
  expectCode,
  freshTenant,
  inParallel,
  inTurn,
  type ContractOptions,
  type Opened,
} from './contract-kit.ts';
import { spineHeadRules } from './event-spine-heads.contract.ts';
import { spineRetentionRules } from './event-spine-retention.contract.ts';
import { spineSizeRules } from './event-spine-sizes.contract.ts';
import { expectPromises } from './expect-promises.ts';
import { HOSTILE_KEYS, REFUSED_KEYS, REFUSED_TENANTS } from './hostile-names.ts';

export interface SpineClockOptions {
  /** Milliseconds since 1970, for a driver that takes the time from the host. */
  readonly now: () => number;
}

/** What the host relies on in an event spine. A driver's test calls it in one line. */
export function describeEventSpine(
  name: string,
  open: (options: SpineClockOptions) => Promise<Opened<EventSpine>>,
  { scale = 'full' }: ContractOptions = {},
): void {
  const small = scale === 'small';
  describe(`event spine: ${name}`, () => {
    let opened: Opened<EventSpine>;
    let spine: EventSpine;
    let at: StreamRef;
    let clockOffset = 0;

    beforeAll(async () => {
      opened = await open({ now: () => Date.now() + clockOffset });
      spine = opened.store;
    });
    afterAll(() => opened?.close());
    beforeEach(() => {
      at = { tenantId: freshTenant(), stream: 'orders/1' };
      clockOffset = 0;
    });

    const append = (data: number, eventId?: string) => spine.append(at, { type: 'counted', data, eventId });

    it('says what it promises, and the reference says the same', () => expectPromises(name, spine.caps));

    it('returns events in order, with everything they were given', async () => {
      const before = new Date().toISOString();
      const first = await spine.append(at, { type: 'made', data: { a: [1] }, eventId: 'e/1 é' });
      await append(2);
      const events = await allEvents(spine, at);
      expect(events[0]).toMatchObject({ type: 'made', data: { a: [1] }, eventId: 'e/1 é', cursor: first.cursor });
      expect(first.duplicate).toBe(false);
      expect(events[1]!.seq).toBeGreaterThan(events[0]!.seq);
      expect(events[1]!.eventId).not.toBe('');
      expect(events[0]!.at >= before && events[0]!.at <= new Date().toISOString()).toBe(true);
      expect(events[0]!.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    });

    it('reads nothing from a stream that nobody wrote to', async () => {
      expect(await spine.read(at)).toEqual({ events: [], more: false });
    });

    it('continues after a cursor, from append or from read', async () => {
      const cursors: string[] = [];
      for (let i = 0; i < 6; i++) cursors.push((await append(i)).cursor);
      expect((await allEvents(spine, at)).map(({ cursor }) => cursor)).toEqual(cursors);
      expect((await spine.read(at, { after: cursors[2] })).events.map(({ data }) => data)).toEqual([3, 4, 5]);
      expect(await spine.read(at, { after: cursors[5] })).toEqual({ events: [], more: false });
    });

    it('pages, and says whether more is there', async () => {
      const count = small ? 24 : 120;
      await spine.appendAll(Array.from({ length: count }, (_, data) => ({ at, event: { type: 'counted', data } })));
      expect(await allData(spine, at, 7)).toEqual(Array.from({ length: count }, (_, i) => i));
      const page = await spine.read(at, { limit: 20 });
      expect([page.events.length <= 20, page.more]).toEqual([true, true]);
      expect(await allData(spine, at, count)).toHaveLength(count);
      if (!small) expect((await spine.read(at)).events.length).toBeLessThanOrEqual(100);
      for (const limit of [0, 1001, NaN]) await expect(spine.read(at, { limit })).rejects.toThrow(RangeError);
    });

    it('[STORE-03] keeps every event of racing writers, each writer in its order', async () => {
      const writers = small ? 4 : 8;
      await inParallel(writers, (w) => inTurn(10, (i) => append(w * 100 + i)));
      const events = await allEvents(spine, at);
      expect(new Set(events.map(({ seq }) => seq)).size).toBe(writers * 10);
      for (let w = 0; w < writers; w++) {
        const own = events.map(({ data }) => data as number).filter((n) => Math.floor(n / 100) === w);
        expect(own).toEqual(Array.from({ length: 10 }, (_, i) => w * 100 + i));
      }
    });

    it('never shows an event before the ones that precede it', async () => {
      let writing = true;
      const seen: unknown[] = [];
      const poll = async (): Promise<void> => {
        for (let after: string | undefined, last = false; !last;) {
          last = !writing;
          const { events } = await spine.read(at, { after });
          for (const event of events) seen.push(event.data);
          after = events.at(-1)?.cursor ?? after;
          await new Promise((wake) => setTimeout(wake, 1));
        }
      };
      const polling = poll();
      await inParallel(4, (w) => inTurn(12, (i) => append(w * 100 + i)));
      writing = false;
      await polling;
      expect(seen).toEqual(await allData(spine, at));
    });

    it('stores an event id once, and answers with the event that is there', async () => {
      const first = await append(1, 'same');
      await append(2, 'other');
      expect(await append(3, 'same')).toEqual({ cursor: first.cursor, seq: first.seq, duplicate: true });
      expect(await allData(spine, at)).toEqual([1, 2]);
      expect(
        (await spine.append({ ...at, stream: 'orders/2' }, { type: 't', data: 1, eventId: 'same' })).duplicate,
      ).toBe(false);
    });

    it('stores an event id once also when 16 appends race', async () => {
      const results = await Promise.all(Array.from({ length: 16 }, (_, i) => append(i, 'raced')));
      expect(results.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
      expect(new Set(results.map(({ cursor }) => cursor)).size).toBe(1);
      expect(await allData(spine, at)).toHaveLength(1);
    });

    it('appends to several streams and tenants as one', async () => {
      const other = { tenantId: freshTenant(), stream: 'audit' };
      await append(0, 'known');
      const results = await spine.appendAll([
        { at, event: { type: 'counted', data: 1 } },
        { at: other, event: { type: 'counted', data: 2, eventId: 'twice' } },
        { at, event: { type: 'counted', data: 3, eventId: 'known' } },
        { at: other, event: { type: 'counted', data: 4, eventId: 'twice' } },
      ]);
      expect(results.map(({ duplicate }) => duplicate)).toEqual([false, false, true, true]);
      expect(await allData(spine, at)).toEqual([0, 1]);
      expect(await allData(spine, other)).toEqual([2]);
      expect(await spine.appendAll([])).toEqual([]);
    });

    it('appends none of several when one is refused before it is sent', async () => {
      const good = { at, event: { type: 'counted', data: 1 } };
      const huge = { at, event: { type: 'counted', data: 'x'.repeat(spine.limits.maxValueBytes) } };
      await expectCode('too_large', spine.appendAll([good, huge]));
      await expectCode('invalid_key', spine.appendAll([good, { ...good, at: { ...at, stream: '\0' } }]));
      expect(await allData(spine, at)).toEqual([]);
    });

    it('[STORE-02] refuses a cursor of another stream or tenant, and garbage', async () => {
      await append(1);
      const { cursor } = await append(2);
      for (const other of [
        { ...at, stream: 'orders/2' },
        { ...at, tenantId: freshTenant() },
      ]) {
        for (let i = 0; i < 3; i++) await spine.append(other, { type: 't', data: i });
        await expectCode('cursor_invalid', spine.read(other, { after: cursor }));
      }
      for (const after of ['', '0', '1', 'AAAA', `${cursor}A`, `${cursor}=`, cursor.slice(1), 'x'.repeat(5000)]) {
        await expectCode('cursor_invalid', spine.read(at, { after }));
      }
    });

    it('[STORE-02] keeps tenants and streams apart, under any name', async () => {
      const streams = [
        at,
        { ...at, tenantId: `${at.tenantId}2` },
        ...HOSTILE_KEYS.map((stream) => ({ ...at, stream })),
      ];
      await Promise.all(streams.map((ref, data) => spine.append(ref, { type: 't', data, eventId: 'same' })));
      for (const [i, ref] of streams.entries()) expect(await allData(spine, ref)).toEqual([i]);
    });

    it('[STORE-02] takes hostile event ids as they are and refuses names that are none', async () => {
      const entries = HOSTILE_KEYS.map((eventId, data) => ({ at, event: { type: 't', data, eventId } }));
      for (const { duplicate } of await spine.appendAll(entries)) expect(duplicate).toBe(false);
      expect((await allEvents(spine, at)).map(({ eventId }) => eventId)).toEqual(HOSTILE_KEYS);
      const event = { type: 't', data: 1 };
      for (const bad of REFUSED_KEYS) {
        await expectCode('invalid_key', spine.append({ ...at, stream: bad }, event));
        await expectCode('invalid_key', spine.read({ ...at, stream: bad }));
        await expectCode('invalid_key', spine.append(at, { ...event, eventId: bad }));
      }
      for (const tenantId of REFUSED_TENANTS) {
        await expectCode('invalid_key', spine.append({ ...at, tenantId }, event));
        await expectCode('invalid_key', spine.read({ ...at, tenantId }));
      }
    });

    it('never lets time run backwards within a stream', async () => {
      await append(1);
      clockOffset = -3_600_000;
      await append(2);
      clockOffset = 5;
      await append(3);
      const times = (await allEvents(spine, at)).map((event) => event.at);
      expect(times).toEqual([...times].sort());
      expect(Date.now() - Date.parse(times[1]!)).toBeLessThan(60_000);
    });

    spineHeadRules(() => ({ spine, at }));
    spineRetentionRules(() => ({ spine, at }));
    spineSizeRules(() => ({ spine, at }));
  });
}
