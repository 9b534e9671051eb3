import { expect, it } from 'vitest';
import type { StoreErrorCode } from '../store-error.ts';
import { allData, allEvents, expectCode } from './contract-kit.ts';
import type { Loss, TcpProxy } from './tcp-proxy.ts';
import type { HostStores } from './two-hosts.contract.ts';

/** What requests have in their bytes, by the name of the engine. */
const MARKS: Readonly<Record<string, { readonly deletes: RegExp; readonly commits?: RegExp }>> = {
  // An append that expects a head is several statements, and done with the last of them.
  postgres: { deletes: /northstar_(remove|forget)/, commits: /COMMIT/ },
  redis: { deletes: /EVALSHA/ },
  nats: { deletes: /STREAM\.PURGE/ },
  dynamodb: { deletes: /DynamoDB_\d+\.(Put|Delete)Item/ },
  cosmos: { deletes: /^DELETE |is-batch-request: true/m },
  // Of protocol buffers: the writes of a commit, in them the name of what is deleted.
  // eslint-disable-next-line no-control-regex -- field 2, as bytes, in field 2
  firestore: { deletes: /\x12[^]{1,2}\x12[^]{1,2}projects\// },
};

export interface LostAnswers {
  readonly stores: HostStores;
  readonly wire: TcpProxy;
  readonly at: { tenantId: string; kind: string; stream: string };
  /** Waits until calls are answered again. */
  recovered(): Promise<unknown>;
  answersInTime(calls: readonly Promise<unknown>[]): Promise<(StoreErrorCode | 'done')[]>;
}

const LOSSES: readonly (readonly [words: string, how: Loss])[] = [
  ['never comes', 'silence'],
  ['is cut off', 'cut'],
];

/** Writes that reached the engine and whose answers did not come back. Part of `describeEngineFailures`. */
export function lostAnswerRules(name: string, current: () => LostAnswers): void {
  const { deletes, commits } = MARKS[name]!;
  /** The id, which is looked for before the event is written, has none of the marks. */
  const event = (data: string) => ({ type: 'counted', data, eventId: `id-${data.toUpperCase()}` });

  /** Loses the answer to the request with the mark, and to no other before it. */
  const lost = async (mark: RegExp, how: Loss, write: () => Promise<unknown>): Promise<void> => {
    const { wire, answersInTime, recovered } = current();
    wire.watch(mark, how);
    const told = await answersInTime([write()]);
    expect(wire.unwatch()).toBeGreaterThan(0);
    expect(told).toEqual(['unknown_outcome']);
    await recovered();
  };

  it.each(LOSSES)('[STORE-03] does not claim to know of an append whose answer %s, and has it once', async (_, how) => {
    const { stores, at } = current();
    const { spine } = stores;
    const first = await spine.append(at, event('first'));
    await lost(/lost-one/, how, () => spine.append(at, event('lost-one')));
    expect([['first'], ['first', 'lost-one']]).toContainEqual(await allData(spine, at));
    await spine.append(at, event('lost-one'));
    const head = await spine.append(at, event('second'));
    await lost(commits ?? /lost-two/, how, () => spine.append(at, event('lost-two'), { expect: head.cursor }));
    await spine.append(at, event('lost-two'), { expect: head.cursor });
    expect(await allData(spine, at)).toEqual(['first', 'lost-one', 'second', 'lost-two']);
    expect((await spine.append(at, event('first'))).cursor).toBe(first.cursor);
  });

  it.each(LOSSES)('[STORE-06] does not claim to know of a trim whose answer %s, and keeps the rest', async (_, how) => {
    const { stores, at } = current();
    const { spine } = stores;
    const data = ['a', 'b', 'c', 'd'];
    for (const one of data) await spine.append(at, event(one));
    const before = (await allEvents(spine, at))[2]!.cursor;
    // What a script or statement needs before its first use must not be what is lost.
    await spine.append({ ...at, stream: 'other' }, event('x'));
    await spine.trim({ ...at, stream: 'other' }, { before: (await spine.head({ ...at, stream: 'other' }))!.cursor });
    await lost(deletes, how, () => spine.trim(at, { before }));
    const left = await allData(spine, at);
    expect(left).toEqual(data.slice(-left.length));
    expect(left.length).toBeGreaterThanOrEqual(2);
    await spine.trim(at, { before });
    expect(await allData(spine, at)).toEqual(['c', 'd']);
  });

  it.each(LOSSES)('[STORE-03] does not claim to know of a put or delete whose answer %s', async (_, how) => {
    const { stores, at } = current();
    const { tabular } = stores;
    if (!tabular) return;
    const values = async () => (await tabular.get(at, 'k'))?.value;
    const { version } = await tabular.put(at, 'k', 'old');
    await lost(/lost-put/, how, () => tabular.put(at, 'k', 'lost-put'));
    expect(['old', 'lost-put']).toContain(await values());
    await tabular.put(at, 'k', 'old');
    await expectCode('conflict', tabular.put(at, 'k', 'stale', { ifVersion: version }));
    const now = (await tabular.get(at, 'k'))!;
    await lost(/lost-replace/, how, () => tabular.put(at, 'k', 'lost-replace', { ifVersion: now.version }));
    const after = (await tabular.get(at, 'k'))!;
    expect(['old', 'lost-replace']).toContain(after.value);
    expect(after.version === now.version).toBe(after.value === 'old');
    await tabular.delete(at, 'other');
    await lost(deletes, how, () => tabular.delete(at, 'k', { ifVersion: after.version }));
    expect([undefined, after.value]).toContain(await values());
    await tabular.put(at, 'k', 'old');
    await lost(deletes, how, () => tabular.delete(at, 'k'));
    expect([undefined, 'old']).toContain(await values());
  });

  it('[STORE-03] sends a write whose condition is refused once, and never again', async () => {
    const { stores, wire, at } = current();
    const { tabular, spine } = stores;
    const counted = async (mark: RegExp, refused: () => Promise<unknown>): Promise<number> => {
      wire.watch(mark);
      await expectCode('conflict', refused());
      return wire.unwatch();
    };
    const head = await spine.append(at, event('first'));
    await spine.append(at, event('second'));
    // Some read the head first, and then have nothing to send.
    const late = { type: 'counted', data: 'refused' };
    expect(await counted(/refused/, () => spine.append(at, late, { expect: head.cursor }))).toBeLessThanOrEqual(1);
    if (!tabular) return;
    const { version } = await tabular.put(at, 'k', 'old');
    const { version: newest } = await tabular.put(at, 'k', 'new');
    const put = (ifVersion: string) => () => tabular.put(at, 'k', 'refused', { ifVersion });
    expect(await counted(/refused/, put(version))).toBe(1);
    expect(await counted(/refused/, put('absent'))).toBe(1);
    await tabular.delete(at, 'k', { ifVersion: newest });
    expect(await counted(/refused/, put(newest))).toBe(1);
    await tabular.put(at, 'k', 'again');
    expect(await counted(deletes, () => tabular.delete(at, 'k', { ifVersion: newest }))).toBe(1);
  });
}
