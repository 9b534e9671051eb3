import { expect, it } from 'vitest';
import type { EventSpine, StreamRef } from '../event-spine.ts';
import { allData, allEvents, expectCode, PAGE_BYTES } from './contract-kit.ts';
import { escapedText } from './hostile-names.ts';

/** Many events, and events near the size that an engine takes and above it. Part of `describeEventSpine`, its last. */
export function spineSizeRules(current: () => { spine: EventSpine; at: StreamRef }): void {
  /** One byte each and two for the quotes: as JSON as many bytes as asked for. */
  const event = (bytes: number) => ({ type: 't', data: 'x'.repeat(bytes - 2) });

  it('takes an event of the size that it states, under the longest names', async () => {
    const { spine } = current();
    const { maxValueBytes, maxKeyBytes } = spine.limits;
    expect(maxValueBytes).toBeGreaterThanOrEqual(300_000);
    const at = { tenantId: current().at.tenantId, stream: '€'.repeat(170) };
    const named = { ...event(maxValueBytes), type: '€'.repeat(170), eventId: 'é'.repeat(maxKeyBytes / 2) };
    const { cursor } = await spine.append(at, named);
    expect(await spine.head(at)).toMatchObject({ ...named, cursor });
    expect(await spine.append(at, named)).toMatchObject({ cursor, duplicate: true });
  });

  it('takes an event of that size also when every byte is escaped', async () => {
    const { spine } = current();
    const { maxValueBytes, maxKeyBytes } = spine.limits;
    const at = { tenantId: current().at.tenantId, stream: '"'.repeat(maxKeyBytes) };
    const data = escapedText(maxValueBytes);
    const named = { type: '\\'.repeat(100), data, eventId: '"'.repeat(maxKeyBytes) };
    await spine.append(at, { type: 't', data: 1 });
    const { cursor } = await spine.append(at, named);
    const head = (await spine.head(at))!;
    expect({ ...head, data: head.data === data }).toMatchObject({ ...named, cursor, data: true });
    expect(await spine.append(at, named)).toMatchObject({ cursor, duplicate: true });
    await expectCode('too_large', spine.append(at, { type: 't', data: `${data}""` }));
  });

  it('answers an event above that size with too_large, counted in bytes, and says what to do', async () => {
    const { spine, at } = current();
    const { maxValueBytes } = spine.limits;
    for (const data of [event(maxValueBytes + 1).data, 'é'.repeat(maxValueBytes / 2)]) {
      const { message } = await expectCode('too_large', spine.append(at, { type: 't', data }));
      expect(message).toContain(`at most ${maxValueBytes} are allowed`);
      expect(message).toContain('object store');
    }
    expect(await spine.head(at)).toBeUndefined();
    await spine.append(at, event(3));
    expect(await allData(spine, at)).toEqual(['x']);
  });

  it('cuts a page short when its events are large, and loses none', async () => {
    const { spine, at } = current();
    const { maxValueBytes } = spine.limits;
    const count = Math.ceil(PAGE_BYTES / maxValueBytes) + 1;
    for (let i = 0; i < count; i++) await spine.append(at, { ...event(maxValueBytes), eventId: `e${i}` });
    const first = await spine.read(at);
    expect([first.events.length < count, first.more]).toEqual([true, true]);
    expect((await allEvents(spine, at)).map(({ eventId }) => eventId)).toEqual(
      Array.from({ length: count }, (_, i) => `e${i}`),
    );
  });

  // Last: some emulators look at every item for each query, and would be slow from here on.
  it('pages past 1,000 events, each of them once and in order', async () => {
    const { spine, at } = current();
    const count = 1050;
    await spine.appendAll(Array.from({ length: count }, (_, data) => ({ at, event: { type: 'counted', data } })));
    const first = await spine.read(at, { limit: 1000 });
    expect([first.events.length, first.more]).toEqual([1000, true]);
    expect(await allData(spine, at, 1000)).toEqual(Array.from({ length: count }, (_, i) => i));
  });
}
