import { expect, it } from 'vitest';
import type { EventSpine, StreamRef } from '../event-spine.ts';
import { allData, allEvents, expectCode, freshTenant, winners } from './contract-kit.ts';

/** Heads, expected heads and the writer's time. Part of `describeEventSpine`. */
export function spineHeadRules(current: () => { spine: EventSpine; at: StreamRef }): void {
  const event = (data: number) => ({ type: 'counted', data });

  it('answers with the newest event of a stream, and with nothing for one that is empty', async () => {
    const { spine, at } = current();
    expect(await spine.head(at)).toBeUndefined();
    await spine.append(at, event(1));
    await spine.append(at, event(2));
    await spine.append({ ...at, tenantId: freshTenant() }, event(3));
    await spine.append({ ...at, stream: 'orders/2' }, event(4));
    expect(await spine.head(at)).toEqual((await allEvents(spine, at)).at(-1));
  });

  it('[STORE-03] appends at the head it expects, and nowhere else', async () => {
    const { spine, at } = current();
    const first = await spine.append(at, event(1), { expect: null });
    const second = await spine.append(at, event(2), { expect: first.cursor });
    for (const expected of [null, first.cursor, '', 'garbage', `${second.cursor}A`]) {
      await expectCode('conflict', spine.append(at, event(3), { expect: expected }));
    }
    expect(await allData(spine, at)).toEqual([1, 2]);
  });

  it('[STORE-03] never creates a stream by expecting a head', async () => {
    const { spine, at } = current();
    const other = { ...at, stream: 'orders/2' };
    const { cursor } = await spine.append(at, event(1));
    await expectCode('conflict', spine.append(other, event(1), { expect: cursor }));
    expect(await spine.head(other)).toBeUndefined();
    await spine.append(other, event(1));
    await expectCode('conflict', spine.append(other, event(2), { expect: cursor }));
  });

  it('[STORE-03] lets one of 8 appends that expect the same head win, also on an empty stream', async () => {
    const { spine, at } = current();
    for (let expected: string | null = null, round = 0; round < 3; round++) {
      const tries = Array.from({ length: 8 }, (_, i) => spine.append(at, event(i), { expect: expected }));
      expect(winners(await Promise.allSettled(tries))).toBe(1);
      expected = (await spine.head(at))!.cursor;
    }
    expect(await allData(spine, at)).toHaveLength(3);
  });

  it('answers a repeated append as a duplicate, whatever it expects', async () => {
    const { spine, at } = current();
    const first = await spine.append(at, { ...event(1), eventId: 'once' }, { expect: null });
    await spine.append(at, event(2));
    const again = await spine.append(at, { ...event(1), eventId: 'once' }, { expect: null });
    expect(again).toEqual({ cursor: first.cursor, seq: first.seq, duplicate: true });
  });

  it('[STORE-03] holds a stream for the rest of the call once its head was expected', async () => {
    const { spine, at } = current();
    const other = { ...at, stream: 'orders/2' };
    const call = (writer: number) =>
      spine.appendAll([
        { at, event: event(writer), expect: null },
        { at: other, event: event(writer) },
        { at, event: event(writer) },
        { at, event: event(writer) },
      ]);
    const results = await Promise.allSettled([1, 2, 3, 4].map(call));
    if (spine.caps.atomicAppend) expect(winners(results)).toBe(1);
    else winners(results);
    const written = await allData(spine, at);
    expect(new Set(written).size).toBe(1);
    if (winners(results) === 1) expect(written).toHaveLength(3);
  });

  it('writes all of several or, without transactions, those before the first that fails', async () => {
    const { spine, at } = current();
    const other = { ...at, stream: 'orders/2' };
    await spine.append(at, event(0));
    const entries = [
      { at: other, event: event(1) },
      { at, event: event(2), expect: null },
      { at: other, event: event(3) },
    ];
    await expectCode('conflict', spine.appendAll(entries));
    expect(await allData(spine, at)).toEqual([0]);
    expect(await allData(spine, other)).toEqual(spine.caps.atomicAppend ? [] : [1]);
  });

  it('takes the time of the writer, unless the stream is ahead of it', async () => {
    const { spine, at } = current();
    const times = ['2100-01-01T00:00:00.000Z', '2100-01-01T00:00:00.007Z', '2099-12-31T23:59:59.999Z'];
    for (const [i, time] of times.entries()) await spine.append(at, event(i), { time });
    expect((await allEvents(spine, at)).map((stored) => stored.at)).toEqual([times[0], times[1], times[1]]);
    for (const time of ['', '2100-01-01', '2100-01-01T00:00:00Z', 'now']) {
      await expect(spine.append(at, event(9), { time })).rejects.toThrow(RangeError);
    }
  });
}
