import { join } from 'node:path';
import { ConfigError } from '../config/config-error.ts';
import type { HostConfig } from '../config/host-config.ts';
import { NorthstarError } from '../errors/northstar-error.ts';
import { openEmbeddedStores } from '../stores/open-embedded-stores.ts';
import { VersionedStore } from '../stores/versioned-store.ts';
import { BACKENDS } from './backends/index.ts';
import { checkRoute } from './check-route.ts';
import type { Engine } from './engine.ts';
import { EnginePool } from './engine-pool.ts';
import { routeId } from './route.ts';
import { RouteTable } from './route-table.ts';
import { routedStores, type RoutedStores } from './routed-stores.ts';
import { Router } from './router.ts';

/** Where everything lives: the table of routes, the look-up, and the stores that follow it. */
export interface Routing {
  readonly table: RouteTable;
  readonly pool: EnginePool;
  readonly router: Router;
  readonly stores: RoutedStores;
  close(): Promise<void>;
}

/** Milliseconds after which another host's change of the routes shows here. */
const REFRESH_MS = 1000;

/**
 * Opens the data folder, the engine of the host's own records, and the routes that it holds.
 *
 * @throws ConfigError when a stored route cannot be served; it names every one.
 */
export async function openRouting(config: Pick<HostConfig, 'dataDir' | 'controlStore'>): Promise<Routing> {
  const embedded = await openEmbeddedStores(config.dataDir);
  const pool = new EnginePool(BACKENDS, join(config.dataDir, 'spool'));
  try {
    const control: Engine = config.controlStore ? await pool.engine(config.controlStore) : embedded;
    const { tabular, spine } = control;
    if (!tabular || !spine)
      throw new ConfigError([
        'NORTHSTAR_CONTROL_STORE names an engine without records or events; use one that keeps both.',
      ]);
    const table = await RouteTable.open(new VersionedStore({ tabular, spine }));
    assertServable(table, pool);
    const router = new Router({ pool, routes: () => table.routes, embedded, control });
    // Only hosts that share an engine can change each other's routes. A failing read keeps the routes that are known.
    const shared = tabular.caps.multiProcess && config.controlStore !== undefined;
    const timer = shared
      ? setInterval(() => void table.refresh().catch(() => undefined), REFRESH_MS).unref()
      : undefined;
    return {
      table,
      pool,
      router,
      stores: routedStores(router, embedded),
      close: async () => {
        clearInterval(timer);
        await pool.close();
        await embedded.close();
      },
    };
  } catch (error) {
    await pool.close();
    await embedded.close();
    throw error;
  }
}

function assertServable(table: RouteTable, pool: EnginePool): void {
  const problems = table.routes.flatMap((route) => {
    try {
      checkRoute(route, pool);
      return [];
    } catch (error) {
      if (error instanceof NorthstarError)
        return [`The stored route ${routeId(route)} cannot be served: ${error.message}`];
      throw error;
    }
  });
  if (problems.length > 0) throw new ConfigError(problems);
}
