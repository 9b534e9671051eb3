import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { StoreError, type StoreErrorCode } from '../store-error.ts';
import { allEvents, expectCode, freshTenant } from './contract-kit.ts';
import { lostAnswerRules } from './lost-answers.contract.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import type { HostStores } from './two-hosts.contract.ts';

export interface ReachedEngine<Stores> {
  readonly host: string;
  readonly port: number;
  /** One more host on the same data, whose connections go to `address`, `127.0.0.1:<port>`. */
  open(address: string, timeoutMs: number): Promise<Stores & { close(): Promise<unknown> }>;
  close(): Promise<unknown>;
}

/** Long enough for a busy machine to answer, short enough to wait for. */
const TIMEOUT_MS = 800;
/** Several attempts of a client, each of them as long as the time-out, on a busy machine. */
const BOUND_MS = 15_000;
export const soon = { timeout: 20_000, interval: 50 };

/** One host behind a wire that the test cuts, mutes or blocks. For the suites of failures. */
export function behindProxy<Stores>(start: () => Promise<ReachedEngine<Stores>>): {
  stores(): Stores;
  wire(): TcpProxy;
} {
  let engine: ReachedEngine<Stores>;
  let proxy: TcpProxy;
  let stores: Stores & { close(): Promise<unknown> };
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine?.close());
  beforeEach(async () => {
    proxy = await startTcpProxy(engine);
    stores = await engine.open(proxy.host, TIMEOUT_MS);
  });
  afterEach(async () => {
    await stores.close();
    await proxy.close();
  });
  return { stores: () => stores, wire: () => proxy };
}

/** The answers of calls that were made while something was wrong; fails when they took longer than anybody waits. */
export async function answersInTime(calls: readonly Promise<unknown>[]): Promise<(StoreErrorCode | 'done')[]> {
  const started = performance.now();
  const results = await Promise.allSettled(calls);
  expect(performance.now() - started).toBeLessThan(BOUND_MS);
  return results.map((result) => {
    if (result.status === 'fulfilled') return 'done';
    expect(result.reason).toBeInstanceOf(StoreError);
    return (result.reason as StoreError).code;
  });
}

/** What records and events hold through interrupted connections and time-outs. A driver's test calls it in one line. */
export function describeEngineFailures(name: string, start: () => Promise<ReachedEngine<HostStores>>): void {
  describe(`failures: ${name}`, () => {
    const { stores, wire } = behindProxy(start);
    let at: { tenantId: string; kind: string; stream: string };
    const event = (data: number) => ({ type: 'counted', data, eventId: `e${data}` });
    const recovered = () => vi.waitFor(() => stores().spine.head(at), soon);

    beforeEach(() => {
      at = { tenantId: freshTenant(), kind: 'notes', stream: 'log' };
    });

    /** A write that was answered is there, one that is `unavailable` is not, and of any other both may be true. */
    const expectTold = async (told: readonly (StoreErrorCode | 'done')[], keys: readonly number[]): Promise<void> => {
      const events = (await allEvents(stores().spine, at)).map(({ eventId }) => eventId);
      for (const [i, key] of keys.entries()) {
        expect(['done', 'unavailable', 'unknown_outcome']).toContain(told[i]);
        if (told[i] !== 'unknown_outcome') expect([key, events.includes(`e${key}`)]).toEqual([key, told[i] === 'done']);
      }
    };

    it('[STORE-03] answers in bounded time when the server is silent, and says whether it knows the outcome', async () => {
      const { spine, tabular } = stores();
      await spine.append(at, event(0));
      await tabular?.put(at, 'k', 0);
      wire().muteAnswers(true);
      // First: a host with a pool has one connection left from before, and needs others for the rest.
      const put = answersInTime(tabular ? [tabular.put(at, 'new', 1, { ifVersion: 'absent' })] : []);
      const append = answersInTime([spine.append(at, event(1))]);
      const reads = [spine.read(at), spine.head(at), ...(tabular ? [tabular.get(at, 'k'), tabular.list(at)] : [])];
      expect(new Set(await answersInTime(reads))).toEqual(new Set(['unavailable']));
      expect(await put).toEqual(tabular ? ['unknown_outcome'] : []);
      const told = await append;
      expect(told).not.toEqual(['done']);
      wire().muteAnswers(false);
      await recovered();
      await expectTold(told, [1]);
      // Whatever became of it: repeated as it was, it is there once.
      await vi.waitFor(() => spine.append(at, event(1)), soon);
      expect((await allEvents(spine, at)).map(({ data }) => data)).toEqual([0, 1]);
      if (tabular) expect([undefined, 1]).toContain((await tabular.get(at, 'new'))?.value);
    });

    it('[STORE-03] keeps what it answered when connections are cut, and an append that is repeated once', async () => {
      const { spine, tabular } = stores();
      const all: number[] = [];
      for (let round = 0; round < 4; round++) {
        const keys = Array.from({ length: 8 }, (_, i) => round * 8 + i);
        all.push(...keys);
        const appends = answersInTime(keys.map((key) => spine.append(at, event(key))));
        const puts = answersInTime(tabular ? keys.map((key) => tabular.put(at, `k${key}`, key)) : []);
        await new Promise((wake) => setTimeout(wake, round * 4));
        wire().cut();
        const [toldEvents, toldRecords] = await Promise.all([appends, puts]);
        await recovered();
        await expectTold(toldEvents, keys);
        for (const [i, told] of toldRecords.entries()) {
          const { value } = (await tabular!.get(at, `k${keys[i]}`)) ?? {};
          if (told !== 'unknown_outcome') expect(value).toBe(told === 'done' ? keys[i] : undefined);
        }
      }
      for (const key of all) await spine.append(at, event(key));
      const events = (await allEvents(spine, at)).map(({ data }) => data as number);
      expect(events.sort((x, y) => x - y)).toEqual(all);
    });

    it('fails while there is no connection, writes nothing that it calls unavailable, and comes back by itself', async () => {
      const { spine, tabular } = stores();
      await spine.append(at, event(0));
      wire().refuse(true);
      const told = await answersInTime([spine.append(at, event(1)), ...(tabular ? [tabular.put(at, 'k', 1)] : [])]);
      expect(told).not.toContain('done');
      await expectCode('unavailable', spine.read(at));
      if (tabular) await expectCode('unavailable', tabular.get(at, 'k'));
      wire().refuse(false);
      await recovered();
      await expectTold(told, [1]);
      if (told[1] === 'unavailable') expect(await tabular!.get(at, 'k')).toBeUndefined();
      await vi.waitFor(() => spine.append(at, event(1)), soon);
      expect((await allEvents(spine, at)).map(({ data }) => data)).toEqual([0, 1]);
    });

    lostAnswerRules(name, () => ({ stores: stores(), wire: wire(), at, recovered, answersInTime }));

    it('refuses calls once it is closed, and lets itself be closed twice', async () => {
      const { spine, tabular, close } = stores() as HostStores & { close(): Promise<unknown> };
      await close();
      await close();
      await expectCode('unavailable', spine.append(at, event(1)));
      await expectCode('unavailable', spine.read(at));
      if (tabular) await expectCode('unavailable', tabular.get(at, 'k'));
    });
  });
}
