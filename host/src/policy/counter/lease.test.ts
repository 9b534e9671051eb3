import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { tempFolder, type TempFolder } from '../../stores/contract/temp-folder.ts';
import { openEmbeddedStores, type EmbeddedStores } from '../../stores/open-embedded-stores.ts';
import type { TabularStore } from '../../stores/tabular-store.ts';
import { Counters, type Reservation } from './counters.ts';

const ref = { at: { tenantId: 't_a', kind: 'budget_store', mode: 'lab' as const }, key: 'counters/c' };
let folder: TempFolder;
let stores: EmbeddedStores;
beforeEach(async () => {
  folder = await tempFolder();
  stores = await openEmbeddedStores(folder.path);
});
afterEach(async () => {
  await stores.close();
  await folder.remove();
});

/** As a gate does: the counter is read, and then something is reserved in it. */
async function take(counters: Counters, limit: number, amount = 1): Promise<Reservation | undefined> {
  const { own } = await counters.read(ref);
  return counters.reserve(ref, { amount, limit, expiresAt: Date.now() + 60_000, read: { own } });
}

function counting(): { store: TabularStore; puts: () => number } {
  const put = vi.fn<TabularStore['put']>((...args) => stores.tabular.put(...args));
  return { store: { ...stores.tabular, put }, puts: () => put.mock.calls.length };
}

test('[BUD-01] far from the limit, one write reserves for the calls that follow', async () => {
  const { store, puts } = counting();
  const counters = new Counters(store);
  for (let call = 0; call < 50; call++) expect(await take(counters, 1_000_000)).toBeDefined();
  expect(puts()).toBeLessThan(25);
  expect((await counters.read(ref)).reserved).toBeGreaterThanOrEqual(50);
});

test('[BUD-01] near the limit nothing is reserved ahead', async () => {
  const { store, puts } = counting();
  const counters = new Counters(store);
  for (let call = 0; call < 5; call++) await take(counters, 900);
  expect(puts()).toBe(5);
  expect(await counters.read(ref)).toMatchObject({ reserved: 5 });
});

test('[BUD-01] with rooms reserved ahead by several processes, never more is taken than fits, and in the end all of it', async () => {
  const processes = Array.from({ length: 3 }, () => new Counters(stores.tabular));
  const taken: number[] = await Promise.all(
    processes.map(async (counters) => {
      let count = 0;
      for (let call = 0; call < 1500; call++) {
        const reservation = await take(counters, 3000);
        if (reservation) counters.settle(reservation);
        if (reservation) count++;
      }
      return count;
    }),
  );
  await Promise.all(processes.map((counters) => counters.flush()));
  let all = taken.reduce((sum, count) => sum + count, 0);
  expect(all).toBeLessThanOrEqual(3000);
  while (await take(processes[0]!, 3000)) all++;
  expect(all).toBe(3000);
});

test('[BUD-02] what was reserved ahead and not used goes back by itself', async () => {
  const counters = new Counters(stores.tabular);
  const first = await take(counters, 1_000_000);
  expect((await counters.read(ref)).reserved).toBeGreaterThan(1);
  counters.settle(first!);
  await vi.waitFor(async () => expect(await counters.read(ref)).toMatchObject({ spent: 1, reserved: 0 }));
});

test('[BUD-02] a flush gives back what was reserved ahead', async () => {
  const counters = new Counters(stores.tabular);
  await take(counters, 1_000_000);
  await counters.flush();
  expect(await counters.read(ref)).toMatchObject({ spent: 0, reserved: 1 });
});

test('[BUD-02] what was reserved ahead serves nobody under another limit, nor once the counter was reset', async () => {
  const counters = new Counters(stores.tabular);
  await take(counters, 1_000_000);
  expect(await take(counters, 1)).toBeUndefined();
  await take(counters, 1_000_000);
  await new Counters(stores.tabular).start(ref, 1_000_000);
  expect(await take(counters, 1_000_000)).toBeUndefined();
});
