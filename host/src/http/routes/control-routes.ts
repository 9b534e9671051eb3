import type { HttpParts } from '../http-parts.ts';
import { adminRoutes } from './admin.routes.ts';
import { auditRoutes } from './audit.routes.ts';
import { budgetRoutes } from './budget.routes.ts';
import { entitlementRoutes } from './entitlements.routes.ts';
import { eventRoutes } from './events.routes.ts';
import { firearmsRoutes } from './firearms.routes.ts';
import { metricsRoutes } from './metrics.routes.ts';
import { muscleRoutes } from './muscles.routes.ts';
import { policyRoutes } from './policy.routes.ts';
import { kpiRoutes } from './kpi.routes.ts';
import type { Route } from './route.ts';
import { routingRoutes } from './routing.routes.ts';
import { strategyLockRoutes } from './strategy-lock.routes.ts';
import { ticketRoutes } from './tickets.routes.ts';
import { toolRoutes } from './tools.routes.ts';

/** Every route of the host that takes a RequestContext, beside MCP and the http bindings of scopes. */
export function controlRoutes(parts: HttpParts): Route[] {
  return [
    ...toolRoutes(parts),
    ...firearmsRoutes(parts),
    ...muscleRoutes(parts),
    ...strategyLockRoutes(parts),
    ...policyRoutes(parts),
    ...budgetRoutes(parts),
    ...kpiRoutes(parts),
    ...entitlementRoutes(parts),
    ...adminRoutes(parts),
    ...ticketRoutes(parts),
    ...auditRoutes(parts),
    ...metricsRoutes(parts),
    ...eventRoutes(parts),
    ...routingRoutes(parts),
  ];
}
