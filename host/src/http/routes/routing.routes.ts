import type { Json } from '@northstar/sdk';
import { z } from 'zod';
import { TENANT_PATTERN } from '../../identity/identity-fields.ts';
import type { RequestContext } from '../../identity/request-context.ts';
import { assertRoutable, checkRoute } from '../../routing/check-route.ts';
import { diagnoseRouting } from '../../routing/diagnose-routing.ts';
import { redactRoute } from '../../routing/redact-route.ts';
import { RESOURCE_KINDS, type ResourceKind } from '../../routing/resource-kinds.ts';
import { routeId, type Audience, type Route as EngineRoute } from '../../routing/route.ts';
import type { HttpParts } from '../http-parts.ts';
import { readModel, readQuery } from '../read-request.ts';
import { sendJson } from '../send.ts';
import { assertSystemReach } from './assert-reach.ts';
import { operatorRoute, type Route } from './route.ts';

const audience = {
  resource_kind: z.enum(Object.keys(RESOURCE_KINDS) as [ResourceKind, ...ResourceKind[]]),
  tenant_id: z.string().max(64).regex(TENANT_PATTERN, 'must match ^t_[a-z0-9_-]+$').optional(),
  mode: z.enum(['lab', 'saas', 'enterprise']).optional(),
  project_id: z.string().min(1).max(128).optional(),
};
const AudienceQuery = z.strictObject(audience);
const RouteBody = z.strictObject({
  ...audience,
  backend: z.string().min(1).max(60),
  config: z.record(z.string(), z.custom<Json>()).default({}),
});

/** Which engine serves which kind of data, for whom. Routes are the host's own: operators of the system tenant set them. */
export function routingRoutes({ routing, decisions, bodyBytes, auth }: HttpParts): Route[] {
  const assertReach = (context: RequestContext): void =>
    assertSystemReach(auth, context, "Routes decide about every tenant's data");
  const shown = (route: EngineRoute): EngineRoute => redactRoute(route, routing.pool.backend(route.backend));
  /** Once it is known that the request is right, beside the record of the attempt: which route, and none of its settings. */
  const record = (context: RequestContext, method: string, route: Audience & { backend?: string }): Promise<void> => {
    const { backend } = route;
    const about = { operation: `${method} /routing/routes`, route: routeId(route), ...(backend && { backend }) };
    return decisions.recordControl(context, about, { allowed: true });
  };
  const routes: Route[] = [
    {
      method: 'get',
      path: '/routing/routes',
      handle: async ({ res, context }) => {
        assertReach(context);
        await routing.table.refresh();
        sendJson(res, 200, { routes: routing.table.routes.map(shown), history: await routing.table.history(50) });
      },
    },
    {
      method: 'put',
      path: '/routing/routes',
      handle: async ({ req, res, context }) => {
        assertReach(context);
        const route = (await readModel(req, bodyBytes, RouteBody)) as EngineRoute;
        assertRoutable(route.resource_kind);
        checkRoute(route, routing.pool);
        await record(context, 'PUT', route);
        await routing.table.put(route, context.actor.id);
        sendJson(res, 200, shown(route));
      },
    },
    {
      method: 'delete',
      path: '/routing/routes',
      handle: async ({ res, context, url }) => {
        assertReach(context);
        const target = readQuery(url, AudienceQuery) as Audience;
        await record(context, 'DELETE', target);
        await routing.table.remove(target, context.actor.id);
        sendJson(res, 200, { deleted: true, ...target });
      },
    },
    {
      method: 'get',
      path: '/routing/diagnostics',
      handle: async ({ res, context }) => sendJson(res, 200, { kinds: await diagnoseRouting(routing.router, context) }),
    },
  ];
  return routes.map((route) => operatorRoute(route, decisions));
}
