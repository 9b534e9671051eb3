import type { EventSpine } from '../stores/event-spine.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import type { TabularStore } from '../stores/tabular-store.ts';
import type { Engine, EngineTarget } from './engine.ts';
import type { EnginePool } from './engine-pool.ts';
import { missingRoute } from './missing-route.ts';
import type { ControlStore } from './open-control-store.ts';
import { RESOURCE_KINDS, ROUTES_THEMSELVES, type ResourceKind } from './resource-kinds.ts';
import { FILESYSTEM } from './backends/filesystem.ts';
import { narrowestRoute, type Route, type RoutingFacts } from './route.ts';

export interface RouterParts {
  readonly pool: EnginePool;
  /** The routes in force, read at every look-up. */
  readonly routes: () => Iterable<Route>;
  /** The host's own data folder. */
  readonly embedded: Engine;
  /** What several hosts share; absent where the data folder is all there is. */
  readonly control?: ControlStore | undefined;
}

/** Where a look-up led. */
export interface Resolved {
  /** `default`: no route says so. */
  readonly source: 'route' | 'default';
  /** The same object at every look-up, until the route changes. */
  readonly target: EngineTarget;
}

const OWN_FOLDER: Resolved = Object.freeze({ source: 'default', target: { backend: FILESYSTEM, config: {} } });

/**
 * From a resource kind and an audience to an open store. Fails fast: without a route nothing is stored anywhere, but
 * in `lab` and for the host's own records, which belong to no mode. These have a default: what the hosts share, or the
 * data folder where nothing is shared. Never the folder of one host while others serve the same tenants.
 */
export class Router {
  readonly #parts: RouterParts;
  readonly #default: Resolved;

  constructor(parts: RouterParts) {
    this.#parts = parts;
    this.#default = parts.control ? { source: 'default', target: parts.control.target } : OWN_FOLDER;
  }

  /** Undefined where nothing is routed. */
  resolve(kind: ResourceKind, facts: RoutingFacts): Resolved | undefined {
    // The table of routes is found before any route is known.
    if (kind === ROUTES_THEMSELVES) return this.#default;
    const route = narrowestRoute(this.#parts.routes(), kind, facts);
    if (route) return { source: 'route', target: route };
    if (facts.mode !== undefined && facts.mode !== 'lab') return undefined;
    const { control } = this.#parts;
    return control && control.engine[RESOURCE_KINDS[kind]] === undefined ? undefined : this.#default;
  }

  /** At once where the engine is open already: every call asks a dozen times. */
  tabular(kind: ResourceKind, facts: RoutingFacts): TabularStore | Promise<TabularStore> {
    const engine = this.#engine(kind, facts);
    if (engine instanceof Promise) return engine.then(({ tabular }) => required(tabular, kind, facts));
    return required(engine.tabular, kind, facts);
  }

  async spine(kind: ResourceKind, facts: RoutingFacts): Promise<EventSpine> {
    return required((await this.#engine(kind, facts)).spine, kind, facts);
  }

  async objects(kind: ResourceKind, facts: RoutingFacts): Promise<ObjectStore> {
    return required((await this.#engine(kind, facts)).objects, kind, facts);
  }

  #engine(kind: ResourceKind, facts: RoutingFacts): Omit<Engine, 'close'> | Promise<Engine> {
    const target = this.resolve(kind, facts)?.target;
    if (target === undefined) throw missingRoute(kind, facts);
    const { embedded, control, pool } = this.#parts;
    if (target.backend === FILESYSTEM) return embedded;
    return target === control?.target ? control.engine : pool.engine(target);
  }
}

/** A stored route may name an engine that lacks the port, if somebody wrote it past the checks. */
function required<T>(store: T | undefined, kind: ResourceKind, facts: RoutingFacts): T {
  if (store === undefined) throw missingRoute(kind, facts);
  return store;
}
