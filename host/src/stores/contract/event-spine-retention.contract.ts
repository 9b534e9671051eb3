import { expect, it } from 'vitest';
import type { EventSpine, StoredEvent, StreamRef } from '../event-spine.ts';
import { InProcessHints } from '../in-process-hints.ts';
import { tailStream } from '../tail-stream.ts';
import { withHints } from '../with-hints.ts';
import { allData, expectCode, freshTenant, inParallel, inTurn } from './contract-kit.ts';

/** Retention and the live tail. Part of `describeEventSpine`. */
export function spineRetentionRules(current: () => { spine: EventSpine; at: StreamRef }): void {
  const event = (data: number) => ({ type: 'counted', data });

  it('[STORE-06] forgets what is before a cursor, and answers a forgotten position with cursor_invalid', async () => {
    const { spine, at } = current();
    const other = { ...at, stream: 'orders/2' };
    await spine.append(other, event(0));
    const cursors: string[] = [];
    for (let i = 0; i < 5; i++) cursors.push((await spine.append(at, event(i))).cursor);
    await spine.trim(at, { before: cursors[3]! });
    expect(await allData(spine, at)).toEqual([3, 4]);
    expect((await spine.read(at, { after: cursors[3] })).events.map(({ data }) => data)).toEqual([4]);
    for (const after of cursors.slice(0, 3)) {
      await expectCode('cursor_invalid', spine.read(at, { after }));
      await expectCode('cursor_invalid', spine.trim(at, { before: after }));
      await expectCode('conflict', spine.append(at, event(9), { expect: after }));
    }
    await spine.trim(at, { before: cursors[3]! });
    expect(await allData(spine, other)).toEqual([0]);
  });

  it('[STORE-06] never restarts the sequence of a stream that was trimmed', async () => {
    const { spine, at } = current();
    for (let i = 0; i < 3; i++) await spine.append(at, event(i));
    const last = await spine.append(at, event(3));
    await spine.trim(at, { before: last.cursor });
    expect((await spine.head(at))?.cursor).toBe(last.cursor);
    const next = await spine.append(at, event(4), { expect: last.cursor });
    expect(next.seq).toBeGreaterThan(last.seq);
    expect(next.cursor).not.toBe(last.cursor);
    expect(await allData(spine, at)).toEqual([3, 4]);
  });

  it('[STORE-06] refuses to trim at a cursor that the stream did not give out', async () => {
    const { spine, at } = current();
    await spine.append(at, event(1));
    const { cursor } = await spine.append(at, event(2));
    for (const before of ['', 'garbage', `${cursor}A`]) {
      await expectCode('cursor_invalid', spine.trim(at, { before }));
    }
    await expectCode('cursor_invalid', spine.trim({ ...at, stream: 'orders/2' }, { before: cursor }));
    await expectCode('cursor_invalid', spine.trim({ ...at, tenantId: freshTenant() }, { before: cursor }));
    expect(await allData(spine, at)).toEqual([1, 2]);
  });

  it('[STORE-06] tails the backlog and then what comes, without gap or duplicate, and ends on abort', async () => {
    const { spine: bare, at } = current();
    const hints = new InProcessHints();
    const spine = withHints(bare, hints);
    await inTurn(5, (i) => spine.append(at, event(i)));
    const stop = new AbortController();
    const seen: StoredEvent[] = [];
    const tail = async (): Promise<void> => {
      for await (const stored of tailStream(spine, hints, at, { signal: stop.signal, pollMs: 60_000 })) {
        seen.push(stored);
        if (seen.length === 25) stop.abort();
      }
    };
    await Promise.all([tail(), inParallel(4, (w) => inTurn(5, (i) => spine.append(at, event(100 * w + 100 + i))))]);
    expect(seen.map(({ data }) => data)).toEqual(await allData(spine, at));
  });

  it('[STORE-06] tails on when every hint is lost, and after a cursor', async () => {
    const { spine, at } = current();
    const { cursor } = await spine.append(at, event(0));
    const stop = new AbortController();
    const seen: unknown[] = [];
    const tail = async (): Promise<void> => {
      const options = { after: cursor, signal: stop.signal, pollMs: 5 };
      for await (const { data } of tailStream(spine, new InProcessHints(), at, options)) {
        seen.push(data);
        if (seen.length === 3) stop.abort();
      }
    };
    await Promise.all([tail(), inTurn(3, (i) => spine.append(at, event(i + 1)))]);
    expect(seen).toEqual([1, 2, 3]);
  });
}
