import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { silentLogger } from '../log/logger.ts';
import { NO_OTHER_HOSTS } from '../spine/change-feed.ts';
import { allData } from '../stores/contract/contract-kit.ts';
import { tempFolder, type TempFolder } from '../stores/contract/temp-folder.ts';
import type { EventSpine } from '../stores/event-spine.ts';
import { openEmbeddedStores, type EmbeddedStores } from '../stores/open-embedded-stores.ts';
import { StoreError } from '../stores/store-error.ts';
import { VersionedStore } from '../stores/versioned-store.ts';
import { followRoutes } from './follow-routes.ts';
import { openRouting } from './open-routing.ts';
import type { Route } from './route.ts';
import { RouteTable } from './route-table.ts';

const ROUTE: Route = { resource_kind: 'kpi_store', mode: 'lab', backend: 'filesystem', config: {} };
const AT = { tenantId: 't_system', stream: 'versions/routing_registry_store~routes' };

let folder: TempFolder;
beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(() => folder.remove());

const toldIn = async ({ spine }: Pick<EmbeddedStores, 'spine'>) =>
  (await allData(spine, AT)).map((data) => (data as { version: number }).version);

/** The spine, failing for as long as it is told to. */
function failing(spine: EventSpine): { spine: EventSpine; down: boolean } {
  const state = {
    down: true,
    spine: {
      ...spine,
      appendAll: (...args: Parameters<EventSpine['appendAll']>) =>
        state.down ? Promise.reject(new StoreError('unavailable', 'down')) : spine.appendAll(...args),
    },
  };
  return state;
}

test('[STORE-05] a start writes the event of a change that a crash left without one, and the next start no second', async () => {
  const before = await openEmbeddedStores(folder.path);
  const crashing = await RouteTable.open(new VersionedStore({ ...before, spine: failing(before.spine).spine }));
  await crashing.put(ROUTE, 'u_ann');
  expect(await toldIn(before)).toEqual([]);
  await before.close();
  for (const start of [1, 2]) {
    await (await openRouting({ dataDir: folder.path }, silentLogger)).close();
    const stores = await openEmbeddedStores(folder.path);
    expect({ start, told: await toldIn(stores) }).toEqual({ start, told: [1] });
    await stores.close();
  }
});

test('[STORE-05] hosts that run write what a failing spine has left owed, each event once', async () => {
  const stores = await openEmbeddedStores(folder.path);
  const faulty = failing(stores.spine);
  const tables = [
    await RouteTable.open(new VersionedStore({ ...stores, spine: faulty.spine })),
    await RouteTable.open(new VersionedStore(stores)),
  ];
  await tables[0]!.put(ROUTE, 'u_ann');
  await tables[0]!.remove(ROUTE, 'u_ann');
  const stops = tables.map((table) =>
    followRoutes(table, { changes: NO_OTHER_HOSTS, logger: silentLogger, announceMs: 10 }),
  );
  faulty.down = false;
  await vi.waitFor(async () => expect(await toldIn(stores)).toEqual([1, 2]), 5000);
  await new Promise((wake) => setTimeout(wake, 50));
  expect(await toldIn(stores)).toEqual([1, 2]);
  for (const stop of stops) await stop();
  await stores.close();
});
