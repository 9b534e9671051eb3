import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeEngine, whyNotStarting } from '../../../../test/engines/describe-engine.ts';
import { stallingProxy } from '../../../../test/engines/stalling-proxy.ts';
import { startCosmosServer, type CosmosServer } from '../../../../test/engines/cosmos-server/start-cosmos-server.ts';
import { allData, allEvents, allKeys, expectCode, freshTenant, inTurn } from '../../contract/contract-kit.ts';
import type { EventSpine } from '../../event-spine.ts';
import type { TabularStore } from '../../tabular-store.ts';
import { spineWithKeyCodec, tabularWithKeyCodec } from '../../with-key-codec.ts';
import { openCosmos, type CosmosStores } from './open-cosmos.ts';

interface Host {
  readonly stores: CosmosStores;
  readonly tabular: TabularStore;
  readonly spine: EventSpine;
}

let containers = 0;

async function host({ endpoint, key }: CosmosServer, container: string, timeoutMs = 10_000): Promise<Host> {
  const stores = await openCosmos({ endpoint, key, database: 'host', container, emulator: true, timeoutMs });
  return { stores, tabular: tabularWithKeyCodec(stores.tabular), spine: spineWithKeyCodec(stores.spine) };
}

await describeEngine('cosmos faults', whyNotStarting(startCosmosServer), () => {
  let server: CosmosServer;
  let a: Host;
  let b: Host;
  let at: { tenantId: string; kind: string; stream: string };
  const event = (data: unknown, eventId?: string) => ({ type: 't', data: data as never, eventId });

  beforeAll(async () => {
    server = await startCosmosServer();
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    at = { tenantId: freshTenant(), kind: 'notes', stream: 'log' };
    // The server looks at every item of the container for each query.
    containers += 1;
    [a, b] = [await host(server, `c${containers}`), await host(server, `c${containers}`)];
    return async () => {
      await Promise.all([a.stores.close(), b.stores.close()]);
    };
  });

  it('[STORE-03] keeps every event and increment of two hosts', async () => {
    await a.tabular.put(at, 'n', 0);
    const work = ({ tabular, spine }: Host, name: string) =>
      inTurn(12, async (i) => {
        await spine.append(at, event(`${name}${i}`, `${name}${i}`));
        for (let done = false; !done;) {
          const { value, version } = (await tabular.get<number>(at, 'n'))!;
          done = await tabular.put(at, 'n', value + 1, { ifVersion: version }).then(
            () => true,
            (error: { code: string }) => error.code !== 'conflict' && Promise.reject(error),
          );
        }
      });
    await Promise.all([work(a, 'a'), work(b, 'b'), work(a, 'c'), work(b, 'd')]);
    expect((await a.tabular.get(at, 'n'))?.value).toBe(48);
    const events = await allEvents(b.spine, at);
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 48 }, (_, i) => i + 1));
    for (const name of 'abcd') {
      const own = events.map(({ data }) => String(data)).filter((data) => data.startsWith(name));
      expect(own).toEqual(Array.from({ length: 12 }, (_, i) => `${name}${i}`));
    }
  });

  it('[STORE-03] stores an event id once when two hosts race', async () => {
    const answers = await Promise.all([a, b, a, b].map(({ spine }, i) => spine.append(at, event(i, 'once'))));
    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(await allData(a.spine, at)).toHaveLength(1);
  });

  it('[STORE-03] takes no version for a condition that would match every one', async () => {
    await a.tabular.put(at, 'k', 1);
    for (const ifVersion of ['*', '', '"a", "b"', 'a\r\nb: c']) {
      await expectCode('conflict', a.tabular.put(at, 'k', 2, { ifVersion }));
      await expectCode('conflict', a.tabular.delete(at, 'k', { ifVersion }));
    }
    await expectCode('conflict', a.tabular.delete(at, 'k', { ifVersion: 'absent' }));
    expect(await a.tabular.delete(at, 'other', { ifVersion: 'absent' })).toBe(false);
    expect((await a.tabular.get(at, 'k'))?.value).toBe(1);
  });

  it('[STORE-03] holds a stream for the rest of the call, against another host', async () => {
    const first = await a.spine.append(at, event(0));
    let calls = 0;
    const entries = () => [
      { at, event: event('mine'), expect: first.cursor },
      { at, event: event('mine') },
      { at, event: event('mine') },
    ];
    const other = (async () => {
      while (calls === 0) await b.spine.append(at, event('other'));
    })();
    await a.spine.appendAll(entries()).catch((error: { code: string }) => expect(error.code).toBe('conflict'));
    calls += 1;
    await other;
    const written = (await allData(a.spine, at)).join(' ');
    expect(written).not.toMatch(/mine other.* mine/);
  });

  it('pages past a thousand records and events', async () => {
    const keys = Array.from({ length: 1100 }, (_, i) => `k${String(i).padStart(5, '0')}`);
    for (let i = 0; i < keys.length; i += 50) {
      await Promise.all(keys.slice(i, i + 50).map((key) => a.tabular.put(at, key, 1, { ifVersion: 'absent' })));
    }
    expect(await allKeys(a.tabular, at, { limit: 1000 })).toEqual(keys);
    const streams = { ...at, stream: 'long' };
    for (let i = 0; i < 150; i++) await a.spine.append(streams, event(i));
    expect(await allData(a.spine, streams, 70)).toEqual(Array.from({ length: 150 }, (_, i) => i));
  }, 60_000);

  it('cuts a page short when its records or events are large, and loses none', async () => {
    const large = '"'.repeat(450_000);
    for (let i = 0; i < 20; i++) await a.tabular.put(at, `k${10 + i}`, large);
    expect((await a.tabular.list(at)).items.length).toBeLessThan(20);
    expect(await allKeys(a.tabular, at)).toHaveLength(20);
    for (let i = 0; i < 20; i++) await a.spine.append(at, event(large));
    const first = await a.spine.read(at);
    expect([first.events.length < 20, first.more]).toEqual([true, true]);
    expect(await allData(a.spine, at)).toHaveLength(20);
  }, 60_000);

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
    const own = await startCosmosServer();
    const { stores, tabular, spine } = await host(own, 'own', 700);
    await tabular.put(at, 'k', 1);
    await own.stop();
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
    await expectCode('unavailable', host(own, 'own', 700));
    await stores.close();
    await expectCode('unavailable', tabular.get(at, 'k'));
    await stores.close();
  });

  it('[STORE-03] says that it does not know when the answer is lost, and finds the event when asked again', async () => {
    const proxy = await stallingProxy(new URL(server.endpoint).host);
    const through = { ...server, endpoint: `http://${proxy.host}/` };
    const { stores, tabular, spine } = await host(through, `c${containers}`, 800);
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
    expect((await a.spine.append(at, event(2, 'e2'))).seq).toBe(2);
    expect(await allData(a.spine, at)).toEqual([1, 2]);
    await stores.close();
    proxy.stop();
  });
});
