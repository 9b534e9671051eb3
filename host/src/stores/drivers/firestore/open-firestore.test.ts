import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeEngine, whyNotStarting } from '../../../../test/engines/describe-engine.ts';
import { stallingProxy } from '../../../../test/engines/stalling-proxy.ts';
import {
  startFirestoreEmulator,
  type Emulator,
} from '../../../../test/engines/firestore-emulator/start-firestore-emulator.ts';
import { allData, allEvents, allKeys, expectCode, freshTenant, inTurn } from '../../contract/contract-kit.ts';
import type { EventSpine } from '../../event-spine.ts';
import type { TabularStore } from '../../tabular-store.ts';
import { spineWithKeyCodec, tabularWithKeyCodec } from '../../with-key-codec.ts';
import { importClient } from '../import-client.ts';
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

  it('[STORE-03] keeps every event and increment of two hosts', async () => {
    await a.tabular.put(at, 'n', 0);
    const work = async ({ tabular, spine }: Host, name: string): Promise<void> => {
      await inTurn(15, async (i) => {
        await spine.append(at, event(`${name}${i}`, `${name}${i}`));
        for (let done = false; !done;) {
          const { value, version } = (await tabular.get<number>(at, 'n'))!;
          done = await tabular.put(at, 'n', value + 1, { ifVersion: version }).then(
            () => true,
            (error: { code: string }) => error.code !== 'conflict' && Promise.reject(error),
          );
        }
      });
    };
    await Promise.all([work(a, 'a'), work(b, 'b'), work(a, 'c'), work(b, 'd')]);
    expect((await a.tabular.get(at, 'n'))?.value).toBe(60);
    const events = await allEvents(b.spine, at);
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    for (const name of 'abcd') {
      const own = events.map(({ data }) => String(data)).filter((data) => data.startsWith(name));
      expect(own).toEqual(Array.from({ length: 15 }, (_, i) => `${name}${i}`));
    }
  });

  it('[STORE-03] stores an event id once when two hosts race', async () => {
    const tries = [a, b, a, b].map(({ spine }, i) => spine.append(at, event(i, 'once')));
    const answers = await Promise.all(tries);
    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(await allData(a.spine, at)).toHaveLength(1);
  });

  it('[STORE-03] takes racing writes without a condition, and a condition of its own on none', async () => {
    await Promise.all(Array.from({ length: 6 }, (_, i) => (i % 2 ? a : b).tabular.put(at, 'k', i)));
    const [deleted, again] = [await a.tabular.delete(at, 'k'), await b.tabular.delete(at, 'k')];
    expect([deleted, again]).toEqual([true, false]);
    await expectCode('conflict', a.tabular.delete(at, 'k', { ifVersion: 'u1.0' }));
    expect(await a.tabular.delete(at, 'k', { ifVersion: 'absent' })).toBe(false);
  });

  it('pages past a thousand records and events', async () => {
    const keys = Array.from({ length: 1100 }, (_, i) => `k${String(i).padStart(5, '0')}`);
    for (let i = 0; i < keys.length; i += 50) {
      await Promise.all(keys.slice(i, i + 50).map((key) => a.tabular.put(at, key, 1, { ifVersion: 'absent' })));
    }
    expect(await allKeys(a.tabular, at, { limit: 1000 })).toEqual(keys);
    const entries = Array.from({ length: 1100 }, (_, i) => ({ at, event: event(i) }));
    await a.spine.appendAll(entries);
    expect(await allData(a.spine, at, 1000)).toEqual(entries.map((_, i) => i));
  });

  it('spreads the large events of one call over several documents, and refuses more than one request holds', async () => {
    const large = (i: number) => ({ at, event: event({ i, filler: 'é'.repeat(249_000) }) });
    await a.spine.appendAll([0, 1, 2, 3, 4].map(large));
    expect((await allEvents(a.spine, at)).map(({ data }) => (data as { i: number }).i)).toEqual([0, 1, 2, 3, 4]);
    await expectCode('too_large', a.spine.appendAll(Array.from({ length: 17 }, (_, i) => large(i))));
    expect((await a.spine.head(at))?.seq).toBe(5);
  });

  it('cuts a page short when its records or events are large, and loses none', async () => {
    const large = '"'.repeat(450_000);
    for (let i = 0; i < 20; i++) await a.tabular.put(at, `k${10 + i}`, large);
    const page = await a.tabular.list(at);
    expect(page.items.length).toBeLessThan(20);
    expect(await allKeys(a.tabular, at)).toHaveLength(20);
    for (let i = 0; i < 20; i++) await a.spine.append(at, event(large));
    const first = await a.spine.read(at);
    expect([first.events.length < 20, first.more]).toEqual([true, true]);
    expect(await allData(a.spine, at)).toHaveLength(20);
  });

  it('[STORE-06] trims within the events of one call, and tells their ids from those it forgot', async () => {
    const answers = await a.spine.appendAll([0, 1, 2, 3].map((i) => ({ at, event: event(i, `e${i}`) })));
    await b.spine.trim(at, { before: answers[2]!.cursor });
    expect(await allData(a.spine, at)).toEqual([2, 3]);
    await expectCode('cursor_invalid', a.spine.read(at, { after: answers[1]!.cursor }));
    expect((await a.spine.append(at, event(3, 'e3'))).seq).toBe(4);
    expect(await a.spine.append(at, event(0, 'e0'))).toMatchObject({ duplicate: false, seq: 5 });
  });

  it('[STORE-06] appends while another host trims, without a number twice', async () => {
    const trimmer = async (): Promise<void> => {
      for (let i = 0; i < 10; i++) {
        const head = await b.spine.head(at);
        if (head) await b.spine.trim(at, { before: head.cursor });
        await new Promise((wake) => setTimeout(wake, 10));
      }
    };
    const numbers: number[] = [];
    const writer = ({ spine }: Host) => inTurn(20, async (i) => numbers.push((await spine.append(at, event(i))).seq));
    await Promise.all([trimmer(), writer(a), writer(b)]);
    expect(numbers.sort((x, y) => x - y)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  it('answers within its time when the server has gone, and after it was closed', async () => {
    const own = await startFirestoreEmulator();
    const { stores, tabular, spine } = await host(own.host, 700);
    await tabular.put(at, 'k', 1);
    own.stop();
    const started = performance.now();
    await expectCode('unavailable', tabular.get(at, 'k'));
    await expectCode('unavailable', tabular.list(at));
    await expectCode('unavailable', spine.read(at));
    const failed = await Promise.allSettled([
      tabular.put(at, 'k', 2, { ifVersion: 'absent' }),
      spine.append(at, event(1)),
      spine.append(at, event(2)),
    ]);
    for (const result of failed) {
      expect(['unavailable', 'unknown_outcome']).toContain((result as { reason: { code: string } }).reason.code);
    }
    expect(performance.now() - started).toBeLessThan(6_000);
    await stores.close();
    await expectCode('unavailable', tabular.get(at, 'k'));
    await stores.close();
  });

  it('[STORE-03] says that it does not know when the answer is lost, and finds the event when asked again', async () => {
    const proxy = await stallingProxy(emulator.host);
    const { stores, tabular, spine } = await host(proxy.host, 800);
    await spine.append(at, event(1));
    proxy.swallowAnswers();
    const started = performance.now();
    await Promise.all([
      expectCode('unknown_outcome', tabular.put(at, 'k', 1, { ifVersion: 'absent' })),
      expectCode('unavailable', tabular.get(at, 'k')),
      expectCode('unavailable', spine.head(at)),
      expectCode('unknown_outcome', spine.append(at, event(2, 'e2'))),
    ]);
    expect(performance.now() - started).toBeLessThan(3000);
    expect((await a.tabular.get(at, 'k'))?.value).toBe(1);
    const again = await a.spine.append(at, event(2, 'e2'));
    expect(again.seq).toBe(2);
    expect(await allData(a.spine, at)).toEqual([1, 2]);
    await stores.close();
    proxy.stop();
  });

  it('names the package to install when it is missing', async () => {
    const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
    const error = await expectCode(
      'unavailable',
      importClient('Firestore', '@google-cloud/firestore', () => Promise.reject(missing)),
    );
    expect(error.message).toContain('npm install @google-cloud/firestore');
  });
});
