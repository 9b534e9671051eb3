import type { Json, Mode } from '@northstar/sdk';
import type { ResourceKind } from './resource-kinds.ts';

/** Says which engine serves a kind; the narrower it is, the earlier it counts. */
export interface Route {
  readonly resource_kind: ResourceKind;
  /** Absent: every tenant. The same for the other two. */
  readonly tenant_id?: string;
  readonly mode?: Mode;
  readonly project_id?: string;
  /** Name of an engine: `filesystem`, `postgres` … */
  readonly backend: string;
  readonly config: { readonly [setting: string]: Json };
}

/** What a route is known by: one for the same kind and audience replaces it. */
export type Audience = Pick<Route, 'resource_kind' | 'tenant_id' | 'mode' | 'project_id'>;

/** For whom a store is looked up. The host's own records have no mode. */
export interface RoutingFacts {
  readonly tenantId: string;
  readonly mode?: Mode | undefined;
  readonly projectId?: string | undefined;
}

/** Tenant outweighs project, and project outweighs mode. */
const WEIGHTS = { tenant_id: 4, project_id: 2, mode: 1 } as const;

/** The narrowest route that fits, or undefined. */
export function narrowestRoute(routes: Iterable<Route>, kind: ResourceKind, facts: RoutingFacts): Route | undefined {
  let best: { route: Route; weight: number } | undefined;
  for (const route of routes) {
    if (route.resource_kind !== kind || !fits(route, facts)) continue;
    const weight = weightOf(route);
    if (best === undefined || weight > best.weight) best = { route, weight };
  }
  return best?.route;
}

function fits(route: Route, facts: RoutingFacts): boolean {
  return (
    (route.tenant_id === undefined || route.tenant_id === facts.tenantId) &&
    (route.project_id === undefined || route.project_id === facts.projectId) &&
    (route.mode === undefined || route.mode === facts.mode)
  );
}

function weightOf(route: Route): number {
  return (Object.keys(WEIGHTS) as (keyof typeof WEIGHTS)[])
    .filter((field) => route[field] !== undefined)
    .reduce((sum, field) => sum + WEIGHTS[field], 0);
}

/** One route per kind and audience; a second one for the same replaces it. */
export function routeId(route: Audience): string {
  return [route.resource_kind, route.tenant_id ?? '*', route.mode ?? '*', route.project_id ?? '*'].join('/');
}
