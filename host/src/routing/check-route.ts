import { NorthstarError } from '../errors/northstar-error.ts';
import type { EnginePool } from './engine-pool.ts';
import { parseConfig } from './parse-config.ts';
import { RESOURCE_KINDS, ROUTES_THEMSELVES, type ResourceKind } from './resource-kinds.ts';
import type { Route } from './route.ts';

/** Engines that a company can run its business on, for messages. */
const SELLABLE = 'postgres, dynamodb, firestore or cosmos for records and events; s3 or azure_blob for objects';

/**
 * Refuses a route that could never work or would lose data: an unknown engine, one without the needed port, wrong
 * settings, or an engine of one machine for a sellable mode. Called at start for what is stored, and on every change.
 */
export function checkRoute(route: Route, pool: EnginePool): void {
  const backend = pool.backend(route.backend);
  const port = RESOURCE_KINDS[route.resource_kind];
  if (!backend.ports.includes(port))
    throw new NorthstarError(
      'routing.invalid_route',
      `${route.backend} keeps no ${port === 'tabular' ? 'records' : port === 'spine' ? 'events' : 'objects'}, which ${route.resource_kind} needs.`,
    );
  if (!backend.sellable && route.mode !== 'lab')
    throw new NorthstarError(
      'routing.engine_not_allowed',
      `${route.backend} lives on one machine and serves lab mode only. ` +
        (route.mode === undefined
          ? 'Say "mode": "lab", or route another engine: '
          : `For ${route.mode} route another engine: `) +
        `${SELLABLE}.`,
    );
  parseConfig(backend, route.config);
  checkNames(route, pool);
}

/** Refuses a new route for the table of routes. One that an earlier host stored has no effect, and is no reason to stop. */
export function assertRoutable(kind: ResourceKind): void {
  if (kind !== ROUTES_THEMSELVES) return;
  throw new NorthstarError(
    'routing.invalid_route',
    `${kind} is the table of routes itself, which is found before any route; NORTHSTAR_CONTROL_STORE says where it lies.`,
  );
}

/** Object engines keep names in the records of another engine, which must be one of its own on the network as well. */
function checkNames({ config }: Route, pool: EnginePool): void {
  if (config.names === undefined) return;
  // The schema of the engine has seen it: `{ backend, config? }`.
  const { backend: name, config: settings = {} } = config.names as { backend: string; config?: unknown };
  const backend = pool.backend(name);
  if (!backend.ports.includes('tabular'))
    throw new NorthstarError(
      'routing.invalid_route',
      `${name} keeps no records, so it cannot keep the names of objects.`,
    );
  if (!backend.sellable)
    throw new NorthstarError(
      'routing.engine_not_allowed',
      `${name} lives on one machine and cannot keep the names of objects that an engine on the network holds; use postgres, dynamodb, firestore or cosmos.`,
    );
  parseConfig(backend, settings);
}
