import { z } from 'zod';
import { NorthstarError } from '../../errors/northstar-error.ts';
import { BOUND_EFFECTS, GRANT_SUBJECTS, type BindingTarget } from '../../policy/firearms-store.ts';
import { fitsNothing } from '../../muscles/fits-nothing.ts';
import { canonicalScope } from '../../muscles/canonical-scope.ts';
import type { Snapshot } from '../../muscles/snapshot.ts';
import type { HttpParts } from '../http-parts.ts';
import { readModel, readQuery } from '../read-request.ts';
import { sendJson } from '../send.ts';
import { operatorRoute, type Route } from './route.ts';

const name = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\s\p{C}]+$/u, 'no spaces or control characters');
const target = { tool_id: name, scope_name: name.optional(), effects: z.enum(BOUND_EFFECTS).optional() };
const Binding = z.strictObject({ ...target, license_types: z.array(name).min(1).max(50) });
const BindingKey = z.strictObject(target);
const Grant = z.strictObject({
  license_type: name,
  subject_type: z.enum(GRANT_SUBJECTS),
  subject_id: name,
  expires_at: z.iso.datetime({ offset: true, error: 'a time such as 2030-01-31T12:00:00Z' }).optional(),
});

/** Firearms: which scopes need a licence (bindings), and who holds one (grants), in the caller's tenant. */
export function firearmsRoutes({ firearms, registry, decisions, bodyBytes }: HttpParts): Route[] {
  const routes: Route[] = [
    {
      method: 'get',
      path: '/firearms/bindings',
      handle: async ({ res, context }) => sendJson(res, 200, { bindings: await firearms.listBindings(context) }),
    },
    {
      method: 'put',
      path: '/firearms/bindings',
      handle: async ({ req, res, context }) => {
        const { license_types, ...stated } = await readModel(req, bodyBytes, Binding);
        const stored = await firearms.bind(context, {
          ...targetOf(registry.current, stated),
          license_types: [...new Set(license_types)],
          updated_by: context.actor.id,
          updated_at: new Date().toISOString(),
        });
        const { tool_id: muscle, scope_name: scope } = stored;
        const warning =
          muscle === '*' ? undefined : fitsNothing(registry.current, { muscle, ...(scope !== undefined && { scope }) });
        sendJson(res, 200, { ...stored, ...(warning && { warning }) });
      },
    },
    {
      method: 'delete',
      path: '/firearms/bindings',
      handle: async ({ res, context, url }) => {
        const target = targetOf(registry.current, readQuery(url, BindingKey));
        await firearms.unbind(context, target);
        sendJson(res, 200, { deleted: true, ...target });
      },
    },
    {
      method: 'get',
      path: '/firearms/grants',
      handle: async ({ res, context }) => sendJson(res, 200, { grants: await firearms.listGrants(context) }),
    },
    {
      method: 'post',
      path: '/firearms/grants',
      handle: async ({ req, res, context }) => {
        const { expires_at, ...grant } = await readModel(req, bodyBytes, Grant);
        const stored = await firearms.grant(context, {
          ...grant,
          ...(expires_at !== undefined && { expires_at }),
          granted_by: context.actor.id,
          granted_at: new Date().toISOString(),
        });
        const past = expires_at !== undefined && Date.parse(expires_at) <= Date.now();
        sendJson(res, 201, {
          ...stored,
          ...(past && { warning: 'expires_at is in the past, so this grants nothing.' }),
        });
      },
    },
    {
      method: 'delete',
      path: '/firearms/grants/:grant_id',
      handle: async ({ res, context, params }) => {
        await firearms.revoke(context, params.grant_id ?? '');
        sendJson(res, 200, { revoked: true, grant_id: params.grant_id });
      },
    },
  ];
  return routes.map((route) => operatorRoute(route, decisions));
}

function targetOf(snapshot: Snapshot, { tool_id, scope_name, effects }: z.infer<typeof BindingKey>): BindingTarget {
  if ((scope_name === undefined) === (effects === undefined))
    throw new NorthstarError(
      'request.invalid',
      'Say what is bound: "scope_name", a scope or "*", or "effects", write or destructive; one of them.',
    );
  if (effects !== undefined) return { tool_id, effects };
  if (tool_id === '*' && scope_name !== '*')
    throw new NorthstarError(
      'request.invalid',
      'A scope belongs to one tool: name it in "tool_id", or bind "*" of "*".',
    );
  return { tool_id, scope_name: canonicalScope(snapshot, scope_name ?? '') };
}
