import type { HttpParts } from '../http-parts.ts';
import { adminRoutes } from './admin.routes.ts';
import { auditRoutes } from './audit.routes.ts';
import { eventRoutes } from './events.routes.ts';
import { firearmsRoutes } from './firearms.routes.ts';
import type { Route } from './route.ts';
import { routingRoutes } from './routing.routes.ts';
import { ticketRoutes } from './tickets.routes.ts';
import { toolRoutes } from './tools.routes.ts';

/** Every route of the host that takes a RequestContext, beside MCP and the http bindings of scopes. */
export function controlRoutes(parts: HttpParts): Route[] {
  return [
    ...toolRoutes(parts),
    ...firearmsRoutes(parts),
    ...adminRoutes(parts),
    ...ticketRoutes(parts),
    ...auditRoutes(parts),
    ...eventRoutes(parts),
    ...routingRoutes(parts),
  ];
}
