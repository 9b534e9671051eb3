import type { Json } from '@northstar/sdk';
import { NorthstarError } from '../errors/northstar-error.ts';
import { StoreError } from '../stores/store-error.ts';
import type { Partition } from '../stores/tabular-store.ts';
import type { VersionedStore } from '../stores/versioned-store.ts';
import { routeId, type Audience, type Route } from './route.ts';

/** The host's own: routes are no tenant's, and the table that says where things are cannot be routed by itself. */
const AT: Partition = { tenantId: 't_system', kind: 'routing_registry_store' };
const TABLE = 'routes';
/** Lost races before a change gives up; each one is somebody else's change that went through. */
const ATTEMPTS = 20;

/** What changed, for the history of the table. */
export interface RouteTableVersion {
  readonly version: number;
  readonly author?: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

type StoredTable = { readonly routes: readonly Route[] };

/**
 * All routes as one versioned document: a change is a new version of the whole table, so that it is atomic, has a
 * history, and two operators cannot undo each other unseen.
 */
export class RouteTable {
  readonly #store: VersionedStore;
  #version = 0;
  /** Called after each change that was made here. */
  onChange: () => Promise<void> = async () => undefined;
  #routes: readonly Route[] = [];

  private constructor(store: VersionedStore) {
    this.#store = store;
  }

  static async open(store: VersionedStore): Promise<RouteTable> {
    const table = new RouteTable(store);
    await table.refresh();
    return table;
  }

  /** The routes in force here; another host's change shows after `refresh`. */
  get routes(): readonly Route[] {
    return this.#routes;
  }

  /** Reads the newest version. */
  async refresh(): Promise<void> {
    const saved = await this.#store.get<Json>(AT, TABLE);
    if (saved === undefined || saved.version <= this.#version) return;
    this.#version = saved.version;
    this.#routes = Object.freeze([...(saved.value as unknown as StoredTable).routes]);
  }

  /** Adds a route, or replaces the one of the same kind and audience. */
  async put(route: Route, author: string): Promise<void> {
    await this.#change(author, (routes) => [...routes.filter((other) => routeId(other) !== routeId(route)), route]);
  }

  /** @throws NorthstarError `routing.route_not_found` */
  async remove(audience: Audience, author: string): Promise<void> {
    await this.#change(author, (routes) => {
      const rest = routes.filter((route) => routeId(route) !== routeId(audience));
      if (rest.length < routes.length) return rest;
      throw new NorthstarError(
        'routing.route_not_found',
        `No route for ${routeId(audience)} exists; GET /routing/routes lists them.`,
      );
    });
  }

  /** Newest first. */
  async history(limit = 100): Promise<readonly RouteTableVersion[]> {
    const versions = await this.#store.history(AT, TABLE, { limit });
    return versions.map(({ version, author, at }) => ({ version, ...(author !== undefined && { author }), at }));
  }

  /** Writes the events of changes that have none yet. Any number of hosts may do it at once: each is written once. */
  async announce(): Promise<void> {
    await this.#store.announce(AT, TABLE);
  }

  async #change(author: string, change: (routes: readonly Route[]) => readonly Route[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      await this.refresh();
      const value = { routes: change(this.#routes) } as unknown as Json;
      try {
        await this.#store.save(AT, TABLE, value, { expect: this.#version, author });
        await this.refresh();
        return await this.onChange();
      } catch (error) {
        if (attempt === ATTEMPTS || !(error instanceof StoreError && error.code === 'conflict')) throw error;
      }
    }
  }
}
