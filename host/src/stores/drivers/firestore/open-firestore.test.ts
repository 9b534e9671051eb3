import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeEngine, whyNotStarting } from '../../../../test/engines/describe-engine.ts';
import {
  startFirestoreEmulator,
  type Emulator,
} from '../../../../test/engines/firestore-emulator/start-firestore-emulator.ts';
import { allData, allEvents, expectCode, freshTenant } from '../../contract/contract-kit.ts';
import type { EventSpine } from '../../event-spine.ts';
import type { TabularStore } from '../../tabular-store.ts';
import { spineWithKeyCodec, tabularWithKeyCodec } from '../../with-key-codec.ts';
import { openFirestore, type FirestoreStores } from './open-firestore.ts';

interface Host {
  readonly stores: FirestoreStores;
  readonly tabular: TabularStore;
  readonly spine: EventSpine;
}

async function host(emulatorHost: string, timeoutMs = 10_000): Promise<Host> {
  const stores = await openFirestore({ projectId: 'demo', emulatorHost, timeoutMs });
  return { stores, tabular: tabularWithKeyCodec(stores.tabular), spine: spineWithKeyCodec(stores.spine) };
}

await describeEngine('firestore faults', whyNotStarting(startFirestoreEmulator), () => {
  let emulator: Emulator;
  let a: Host;
  let b: Host;
  let at: { tenantId: string; kind: string; stream: string };
  const event = (data: unknown, eventId?: string) => ({ type: 't', data: data as never, eventId });

  beforeAll(async () => {
    emulator = await startFirestoreEmulator();
    [a, b] = [await host(emulator.host), await host(emulator.host)];
  });
  afterAll(async () => {
    await Promise.all([a.stores.close(), b.stores.close()]);
    emulator?.stop();
  });
  beforeEach(() => {
    at = { tenantId: freshTenant(), kind: 'notes', stream: 'log' };
  });

  it('[STORE-03] takes racing writes without a condition, and a condition of its own on none', async () => {
    await Promise.all(Array.from({ length: 6 }, (_, i) => (i % 2 ? a : b).tabular.put(at, 'k', i)));
    const [deleted, again] = [await a.tabular.delete(at, 'k'), await b.tabular.delete(at, 'k')];
    expect([deleted, again]).toEqual([true, false]);
    await expectCode('conflict', a.tabular.delete(at, 'k', { ifVersion: 'u1.0' }));
    expect(await a.tabular.delete(at, 'k', { ifVersion: 'absent' })).toBe(false);
  });

  it('spreads the large events of one call over several documents, and refuses more than one request holds', async () => {
    const large = (i: number) => ({ at, event: event({ i, filler: 'é'.repeat(249_000) }) });
    await a.spine.appendAll([0, 1, 2, 3, 4].map(large));
    expect((await allEvents(a.spine, at)).map(({ data }) => (data as { i: number }).i)).toEqual([0, 1, 2, 3, 4]);
    await expectCode('too_large', a.spine.appendAll(Array.from({ length: 17 }, (_, i) => large(i))));
    expect((await a.spine.head(at))?.seq).toBe(5);
  });

  it('[STORE-06] trims within the events of one call, and tells their ids from those it forgot', async () => {
    const answers = await a.spine.appendAll([0, 1, 2, 3].map((i) => ({ at, event: event(i, `e${i}`) })));
    await b.spine.trim(at, { before: answers[2]!.cursor });
    expect(await allData(a.spine, at)).toEqual([2, 3]);
    await expectCode('cursor_invalid', a.spine.read(at, { after: answers[1]!.cursor }));
    expect((await a.spine.append(at, event(3, 'e3'))).seq).toBe(4);
    expect(await a.spine.append(at, event(0, 'e0'))).toMatchObject({ duplicate: false, seq: 5 });
  });
});
