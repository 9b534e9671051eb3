import type { EventSpine } from '../stores/event-spine.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import type { TabularStore } from '../stores/tabular-store.ts';
import type { Engine } from './engine.ts';
import type { EnginePool } from './engine-pool.ts';
import { missingRoute } from './missing-route.ts';
import type { ResourceKind } from './resource-kinds.ts';
import { FILESYSTEM } from './backends/filesystem.ts';
import { narrowestRoute, type Route, type RoutingFacts } from './route.ts';

export interface RouterParts {
  readonly pool: EnginePool;
  /** The routes in force, read at every look-up. */
  readonly routes: () => Iterable<Route>;
  /** What serves `lab` where no route says otherwise, and routes to `filesystem`. */
  readonly embedded: Engine;
  /** What keeps the host's own records, which belong to no mode: routes, kill switches, connections, tickets. */
  readonly control: Engine;
}

/** Where a look-up led. */
export type Resolved = { readonly source: 'route'; readonly route: Route } | { readonly source: 'default' };

/** From a resource kind and an audience to an open store. Fails fast: without a route nothing is stored anywhere. */
export class Router {
  readonly #parts: RouterParts;

  constructor(parts: RouterParts) {
    this.#parts = parts;
  }

  /** Undefined where nothing is routed. */
  resolve(kind: ResourceKind, facts: RoutingFacts): Resolved | undefined {
    const route = narrowestRoute(this.#parts.routes(), kind, facts);
    if (route) return { source: 'route', route };
    return facts.mode === undefined || facts.mode === 'lab' ? { source: 'default' } : undefined;
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

  #engine(kind: ResourceKind, facts: RoutingFacts): Engine | Promise<Engine> {
    const resolved = this.resolve(kind, facts);
    if (resolved === undefined) throw missingRoute(kind, facts);
    const { embedded, control, pool } = this.#parts;
    if (resolved.source === 'default') return facts.mode === undefined ? control : embedded;
    return resolved.route.backend === FILESYSTEM ? embedded : pool.engine(resolved.route);
  }
}

/** A stored route may name an engine that lacks the port, if somebody wrote it past the checks. */
function required<T>(store: T | undefined, kind: ResourceKind, facts: RoutingFacts): T {
  if (store === undefined) throw missingRoute(kind, facts);
  return store;
}
