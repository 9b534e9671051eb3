import { errorFields, type Logger } from '../log/logger.ts';
import { NO_OTHER_HOSTS, type ChangeFeed } from '../spine/change-feed.ts';
import type { RouteTable } from './route-table.ts';

export interface FollowRoutesOptions {
  readonly changes: ChangeFeed;
  readonly logger: Logger;
  /** Milliseconds between two looks for events that a failing spine or a dead host left owed. Default a minute. */
  readonly announceMs?: number;
}

/** Milliseconds between two looks at the routes, in case that a host stored one and could not say so. */
const REFRESH_MS = 5000;
const ANNOUNCE_MS = 60_000;

/**
 * Keeps the routes as other hosts leave them, and their events complete. A host that fails to read the table keeps the
 * routes that it knows. The function that it returns stops it, and resolves when no look is under way.
 */
export function followRoutes(table: RouteTable, options: FollowRoutesOptions): () => Promise<void> {
  const { changes, logger, announceMs = ANNOUNCE_MS } = options;
  const warn = (what: string) => (error: unknown) => logger.log('warn', what, errorFields(error));
  const underWay = new Set<Promise<void>>();
  const look = (work: Promise<void>, failure: string): void => {
    const settled = work.catch(warn(failure)).finally(() => underWay.delete(settled));
    underWay.add(settled);
  };
  const refresh = (): void => look(table.refresh(), 'routes not read again');
  const announce = (): void => look(table.announce(), 'changes of routes not announced');
  changes.on('routes', refresh);
  changes.onMissed(refresh);
  // The route is stored: failing now would tell its operator otherwise. The others find it with their next look.
  table.onChange = () => changes.publish({ kind: 'routes' }).catch(warn('routes not shared'));
  const timers = [setInterval(announce, announceMs).unref()];
  if (changes !== NO_OTHER_HOSTS) timers.push(setInterval(refresh, REFRESH_MS).unref());
  return async () => {
    timers.forEach(clearInterval);
    await Promise.all(underWay);
  };
}
