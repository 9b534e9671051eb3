import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeEngine, whyNotStarting } from '../../../../test/engines/describe-engine.ts';
import { startCosmosServer, type CosmosServer } from '../../../../test/engines/cosmos-server/start-cosmos-server.ts';
import { allData, expectCode, freshTenant } from '../../contract/contract-kit.ts';
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

  it('does not open when nobody answers', async () => {
    const gone = await startCosmosServer();
    await gone.stop();
    const started = performance.now();
    await expectCode('unavailable', host(gone, 'own', 700));
    expect(performance.now() - started).toBeLessThan(6_000);
  });
});
