import { join } from 'node:path';
import { ConfigError } from '../config/config-error.ts';
import type { HostConfig } from '../config/host-config.ts';
import { NorthstarError } from '../errors/northstar-error.ts';
import { errorFields, type Logger } from '../log/logger.ts';
import { NO_OTHER_HOSTS, type ChangeFeed } from '../spine/change-feed.ts';
import { SpineChangeFeed } from '../spine/spine-change-feed.ts';
import type { HintBus } from '../stores/hint-bus.ts';
import { InProcessHints } from '../stores/in-process-hints.ts';
import { openEmbeddedStores } from '../stores/open-embedded-stores.ts';
import { VersionedStore } from '../stores/versioned-store.ts';
import { BACKENDS } from './backends/index.ts';
import { checkRoute } from './check-route.ts';
import { EnginePool } from './engine-pool.ts';
import { followRoutes } from './follow-routes.ts';
import { assertSetting, openControlStore } from './open-control-store.ts';
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
  /** What other hosts of the same control store changed; silent where there are none. */
  readonly changes: ChangeFeed;
  /** True when other hosts may share the control store. */
  readonly shared: boolean;
  close(): Promise<void>;
}

/** Milliseconds without a call after which an engine that no route names any more is closed. */
const IDLE_ENGINE_MS = 10_000;

/**
 * Opens the data folder, the engine of the host's own records, and the routes that it holds.
 *
 * @throws ConfigError when hosts cannot share the control store, or a stored route cannot be served; it names every one.
 */
export async function openRouting(
  config: Pick<HostConfig, 'dataDir' | 'controlStore' | 'hints'>,
  logger: Logger,
  { idleEngineMs = IDLE_ENGINE_MS }: { idleEngineMs?: number } = {},
): Promise<Routing> {
  const embedded = await openEmbeddedStores(config.dataDir);
  const pool = new EnginePool(BACKENDS, join(config.dataDir, 'spool'));
  try {
    const control = config.controlStore && (await openControlStore(config.controlStore, pool));
    const { tabular, spine } = control?.engine ?? embedded;
    const table = await RouteTable.open(new VersionedStore({ tabular, spine }));
    assertServable(table, pool);
    pool.closeUnnamed(() => (control ? [control.target, ...table.routes] : table.routes), idleEngineMs);
    const router = new Router({ pool, routes: () => table.routes, embedded, control });
    const shared = control !== undefined;
    const changes = shared
      ? await SpineChangeFeed.open({ spine, hints: await openHints(config, pool), logger })
      : NO_OTHER_HOSTS;
    // What it finds owed is of a host that ended before it could say so; the spine being down is no reason not to start.
    await table
      .announce()
      .catch((error: unknown) => logger.log('warn', 'changes of routes not announced', errorFields(error)));
    const stopFollowing = followRoutes(table, { changes, logger });
    return {
      table,
      pool,
      router,
      stores: routedStores({ router, pool, embedded }),
      changes,
      shared,
      close: async () => {
        await stopFollowing();
        await changes.close();
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

/** Wake-ups through the engine that is named for them, else through the control store itself, else by polling alone. */
async function openHints(
  { hints, controlStore }: Pick<HostConfig, 'hints' | 'controlStore'>,
  pool: EnginePool,
): Promise<HintBus> {
  if (hints) assertSetting('NORTHSTAR_HINTS', hints, pool);
  const target = hints ?? controlStore;
  const bus = target && (await pool.hints(target));
  if (bus === undefined && hints !== undefined)
    throw new ConfigError([
      `NORTHSTAR_HINTS names ${hints.backend}, which carries no hints; use redis, nats or postgres.`,
    ]);
  return bus ?? new InProcessHints();
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
