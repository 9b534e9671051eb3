import { afterEach, beforeEach, expect, test } from 'vitest';
import { tempFolder, type TempFolder } from '../../stores/contract/temp-folder.ts';
import { openEmbeddedStores, type EmbeddedStores } from '../../stores/open-embedded-stores.ts';
import { StoreError } from '../../stores/store-error.ts';
import type { TabularStore } from '../../stores/tabular-store.ts';
import { Counters } from './counters.ts';

const ref = { at: { tenantId: 't_a', kind: 'budget_store', mode: 'lab' as const }, key: 'counters/c' };
const SOON = (): number => Date.now() + 60_000;
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

/** Counts the writes that reach the store, and may change what they do. */
function watched(put?: (write: () => ReturnType<TabularStore['put']>) => ReturnType<TabularStore['put']>) {
  const { tabular } = stores;
  const seen = { writes: 0 };
  const store: TabularStore = {
    ...tabular,
    caps: tabular.caps,
    limits: tabular.limits,
    get: (at, key) => tabular.get(at, key),
    list: (at, query) => tabular.list(at, query),
    delete: (at, key, condition) => tabular.delete(at, key, condition),
    put: (at, key, value, condition) => {
      seen.writes++;
      const write = () => tabular.put(at, key, value, condition);
      return put ? put(write) : write();
    },
  };
  return { store, seen };
}

test('[BUD-01] of a hundred reservations at once exactly as many are taken as fit, in few writes', async () => {
  const { store, seen } = watched();
  const counters = new Counters(store);
  const tries = await Promise.all(
    Array.from({ length: 100 }, () => counters.reserve(ref, { amount: 7, limit: 300, expiresAt: SOON() })),
  );
  expect(tries.filter((taken) => taken !== undefined)).toHaveLength(42);
  expect(await counters.read(ref)).toMatchObject({ spent: 0, reserved: 294 });
  expect(seen.writes).toBeLessThan(10);
});

test('[BUD-01] of racers through several processes exactly as many are taken as fit', async () => {
  // Each has an identity of its own, as a process has.
  const processes = Array.from({ length: 5 }, () => new Counters(stores.tabular));
  const tries = await Promise.all(
    processes.flatMap((counters) =>
      Array.from({ length: 40 }, async () => {
        const taken = await counters.reserve(ref, { amount: 1, limit: 50, expiresAt: SOON() });
        if (taken) await counters.settle(taken);
        return taken;
      }),
    ),
  );
  expect(tries.filter((taken) => taken !== undefined)).toHaveLength(50);
  expect(await processes[0]!.read(ref)).toMatchObject({ spent: 50, reserved: 0 });
});

test('[BUD-02] what is released can be reserved again, and what is settled cannot', async () => {
  const counters = new Counters(stores.tabular);
  const want = { amount: 6, limit: 10, expiresAt: SOON() };
  const first = await counters.reserve(ref, want);
  expect(await counters.reserve(ref, want)).toBeUndefined();
  await counters.release(first!);
  const second = await counters.reserve(ref, want);
  await counters.settle(second!);
  expect(await counters.reserve(ref, want)).toBeUndefined();
  expect(await counters.read(ref)).toMatchObject({ spent: 6, reserved: 0 });
});

test('[BUD-03] what a dead process had reserved counts until it expires, and not after', async () => {
  let now = Date.now();
  const want = (): { amount: number; limit: number; expiresAt: number } => ({
    amount: 10,
    limit: 10,
    expiresAt: now + 90_000,
  });
  const dead = new Counters(stores.tabular, () => now);
  const alive = new Counters(stores.tabular, () => now);
  const lost = await dead.reserve(ref, want());
  expect(await alive.reserve(ref, want())).toBeUndefined();
  now += 90_001;
  expect(await alive.read(ref)).toMatchObject({ spent: 0, reserved: 0 });
  expect(await alive.reserve(ref, want())).toBeDefined();
  // It was not dead after all: what it spent counts, and what others hold now stays held.
  await dead.settle(lost!);
  expect(await alive.read(ref)).toMatchObject({ spent: 10, reserved: 10 });
});

test('[BUD-02] a write that happened without an acknowledgement counts once', async () => {
  let fail = true;
  const { store } = watched(async (write) => {
    const done = await write();
    if (!fail) return done;
    fail = false;
    throw new StoreError('unknown_outcome', 'the connection broke');
  });
  const counters = new Counters(store);
  expect(await counters.reserve(ref, { amount: 5, limit: 100, expiresAt: SOON() })).toBeDefined();
  expect(await counters.read(ref)).toMatchObject({ reserved: 5 });
});

test('[BUD-02] a write of unknown outcome that did not happen is repeated', async () => {
  let fail = true;
  const { store } = watched((write) => {
    if (!fail) return write();
    fail = false;
    return Promise.reject(new StoreError('unknown_outcome', 'the connection broke'));
  });
  const counters = new Counters(store);
  await counters.add(ref, 5);
  expect(await counters.read(ref)).toMatchObject({ spent: 5 });
});

test('[BUD-02] a settlement that could not be written goes along with the next write', async () => {
  let down = false;
  const { store } = watched((write) =>
    down ? Promise.reject(new StoreError('unavailable', 'the engine is down')) : write(),
  );
  const counters = new Counters(store);
  const taken = await counters.reserve(ref, { amount: 4, limit: 10, expiresAt: SOON() });
  down = true;
  await expect(counters.settle(taken!)).rejects.toThrow('down');
  await expect(counters.reserve(ref, { amount: 1, limit: 10, expiresAt: SOON() })).rejects.toThrow('down');
  down = false;
  expect(await counters.reserve(ref, { amount: 6, limit: 10, expiresAt: SOON() })).toBeDefined();
  expect(await counters.read(ref)).toMatchObject({ spent: 4, reserved: 6 });
});

test('[BUD-02] a settlement shares the write of the next reservation, and changes nothing that a limit looks at', async () => {
  const { store, seen } = watched();
  const counters = new Counters(store);
  const want = { amount: 5, limit: 10, expiresAt: SOON() };
  const first = await counters.reserve(ref, want);
  const settled = counters.settle(first!);
  expect(await counters.read(ref)).toMatchObject({ spent: 0, reserved: 5 });
  expect(await counters.reserve(ref, want)).toBeDefined();
  await settled;
  expect(seen.writes).toBe(2);
  expect(await counters.read(ref)).toMatchObject({ spent: 5, reserved: 5 });
});

test('[BUD-02] a record that is no counter is an error, not zero', async () => {
  const odd = [null, 5, {}, { spent: -1, holders: {} }, { spent: 1.5, holders: {} }, { spent: 1 }];
  for (const value of [...odd, { spent: 1, holders: { p: { held: 'x' } } }]) {
    await stores.tabular.put(ref.at, ref.key, value as never);
    const counters = new Counters(stores.tabular);
    await expect(counters.read(ref)).rejects.toThrow('holds something else');
    await expect(counters.reserve(ref, { amount: 1, limit: 10, expiresAt: SOON() })).rejects.toThrow();
  }
});
