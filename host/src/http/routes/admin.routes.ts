import { z } from 'zod';
import { NorthstarError } from '../../errors/northstar-error.ts';
import type { Connection } from '../../identity/connection.ts';
import { ID_PATTERN, TENANT_PATTERN } from '../../identity/identity-fields.ts';
import { SYSTEM_TENANT, type RequestContext } from '../../identity/request-context.ts';
import { KILL_TARGETS } from '../../policy/kill-switch-store.ts';
import { canonicalScope } from '../../muscles/canonical-scope.ts';
import { fitsNothing } from '../../muscles/fits-nothing.ts';
import type { Snapshot } from '../../muscles/snapshot.ts';
import type { HttpParts } from '../http-parts.ts';
import { readModel } from '../read-request.ts';
import { sendJson } from '../send.ts';
import { operatorRoute, type Route } from './route.ts';

const KillSwitchBody = z.strictObject({
  target: z.enum(KILL_TARGETS),
  id: z.string().min(1).max(128).optional(),
  engaged: z.boolean(),
  reason: z.string().min(1).max(500),
});
/** Held to what the header of the same name is: a record that only fails on every call helps nobody. */
const identityId = z.string().regex(ID_PATTERN, '1 to 128 letters, digits or _ . : @ | + / = -');
const ConnectionBody = z.strictObject({
  connection_id: z.string().regex(/^[a-z0-9][a-z0-9_-]{2,63}$/, '3 to 64 lower-case letters, digits, _ or -'),
  mode: z.enum(['lab', 'saas', 'enterprise']),
  tenant_id: z.string().max(64).regex(TENANT_PATTERN, 'must match ^t_[a-z0-9_-]+$'),
  project_id: identityId,
  surface_id: identityId.optional(),
  tools: z.array(z.string().min(1).max(128)).min(1).max(500).optional(),
  tool_names: z.enum(['underscore', 'dotted']).optional(),
  error_style: z.enum(['jsonrpc', 'result']).optional(),
});

/** What operators see and switch: kill switches and connections. */
export function adminRoutes({ registry, killSwitches, connections, decisions, bodyBytes, auth }: HttpParts): Route[] {
  /** Where callers authenticate, an operator of one tenant does not act on another; the system tenant's does. */
  const assertReach = (context: RequestContext, tenantId: string | undefined): void => {
    if (auth.kind === 'none' || context.tenantId === SYSTEM_TENANT || context.tenantId === tenantId) return;
    throw new NorthstarError(
      'identity.operator_required',
      `Operators of ${context.tenantId} act on that tenant only; this needs an operator of ${SYSTEM_TENANT}.`,
    );
  };
  const routes: Route[] = [
    {
      method: 'get',
      path: '/admin/kill-switch',
      handle: async ({ res }) => sendJson(res, 200, { switches: await killSwitches.list() }),
    },
    {
      method: 'put',
      path: '/admin/kill-switch',
      handle: async ({ req, res, context }) => {
        const body = await readModel(req, bodyBytes, KillSwitchBody);
        if (body.target !== 'all' && body.id === undefined)
          throw new NorthstarError('request.invalid', `A kill switch for a ${body.target} needs its "id".`);
        assertReach(context, body.target === 'tenant' ? body.id : undefined);
        const stored = await killSwitches.set({
          target: body.target,
          id: body.target === 'all' ? '*' : canonicalId(registry.current, body.target, body.id ?? ''),
          engaged: body.engaged,
          reason: body.reason,
          updated_by: context.actor.id,
          updated_at: new Date().toISOString(),
        });
        const { target, id } = stored;
        const warning =
          target === 'muscle' || target === 'scope' ? fitsNothing(registry.current, { [target]: id }) : undefined;
        sendJson(res, 200, { ...stored, ...(warning && { warning }) });
      },
    },
    {
      method: 'get',
      path: '/admin/connections',
      handle: async ({ res, context }) => {
        const all = await connections.list();
        const own = auth.kind === 'none' || context.tenantId === SYSTEM_TENANT;
        sendJson(res, 200, { connections: own ? all : all.filter((entry) => entry.tenant_id === context.tenantId) });
      },
    },
    {
      method: 'put',
      path: '/admin/connections',
      handle: async ({ req, res, context }) => {
        const body = await readModel(req, bodyBytes, ConnectionBody);
        assertReach(context, body.tenant_id);
        assertReach(context, (await connections.find(body.connection_id))?.tenant_id ?? body.tenant_id);
        const stored = await connections.save(body as Connection);
        sendJson(res, 200, { ...stored, mcp_path: `/c/${stored.connection_id}/mcp` });
      },
    },
    {
      method: 'delete',
      path: '/admin/connections/:connection_id',
      handle: async ({ res, context, params }) => {
        const id = params.connection_id ?? '';
        assertReach(context, (await connections.get(id)).tenant_id);
        await connections.remove(id);
        sendJson(res, 200, { deleted: true, connection_id: id });
      },
    },
  ];
  return routes.map((route) => operatorRoute(route, decisions));
}

function canonicalId(snapshot: Snapshot, target: (typeof KILL_TARGETS)[number], id: string): string {
  return target === 'scope' ? canonicalScope(snapshot, id) : id;
}
