import { z } from 'zod';
import { NorthstarError } from '../../errors/northstar-error.ts';
import { SYSTEM_TENANT, type RequestContext } from '../../identity/request-context.ts';
import { canonicalScope } from '../../muscles/canonical-scope.ts';
import { fitsNothing } from '../../muscles/fits-nothing.ts';
import { APPROVAL_STATES } from '../../policy/strategy-lock/approval.ts';
import { LOCK_LEVELS, type LockTarget } from '../../policy/strategy-lock/lock-policy-store.ts';
import type { HttpParts } from '../http-parts.ts';
import { readModel, readQuery } from '../read-request.ts';
import { sendJson } from '../send.ts';
import { operatorRoute, type Route } from './route.ts';

const name = z
  .string()
  .min(1)
  .max(257)
  .regex(/^[^\s\p{C}]+$/u, 'no spaces or control characters');
const target = { level: z.enum(LOCK_LEVELS), id: name.optional(), action: name };
const Target = z.strictObject(target);
const Policy = z.strictObject({ ...target, required: z.boolean() });
const Decision = z.strictObject({
  decision: z.enum(['approve', 'reject']),
  reason: z.string().min(1).max(500).optional(),
  expires_at: z.iso.datetime({ offset: true, error: 'a time such as 2030-01-31T12:00:00Z' }).optional(),
});
const Status = z.strictObject({ status: z.enum(APPROVAL_STATES).optional() });

/** Strategy lock: which actions need an approval, and the requests that wait for one, in the caller's tenant. */
export function strategyLockRoutes(parts: HttpParts): Route[] {
  const { lockPolicies, approvals, registry, decisions, bodyBytes, auth } = parts;
  const targetOf = (context: RequestContext, { level, id, action }: z.infer<typeof Target>): LockTarget => {
    if (level === 'system' && auth.kind !== 'none' && context.tenantId !== SYSTEM_TENANT)
      throw new NorthstarError(
        'identity.operator_required',
        `Policy of the system holds for every tenant; this needs an operator of ${SYSTEM_TENANT}.`,
      );
    return { level, id: idOf(context, level, id), action: canonicalScope(registry.current, action) };
  };
  const routes: Route[] = [
    {
      method: 'get',
      path: '/strategy-lock/policy',
      handle: async ({ res, context }) => sendJson(res, 200, { policies: await lockPolicies.list(context) }),
    },
    {
      method: 'put',
      path: '/strategy-lock/policy',
      handle: async ({ req, res, context }) => {
        const { required, ...stated } = await readModel(req, bodyBytes, Policy);
        const stored = await lockPolicies.save(context, {
          ...targetOf(context, stated),
          required,
          updated_by: context.actor.id,
          updated_at: new Date().toISOString(),
        });
        const warning = fitsNothing(registry.current, { scope: stored.action });
        sendJson(res, 200, { ...stored, ...(warning && { warning }) });
      },
    },
    {
      method: 'delete',
      path: '/strategy-lock/policy',
      handle: async ({ res, context, url }) => {
        const removed = targetOf(context, readQuery(url, Target));
        await lockPolicies.remove(context, removed);
        sendJson(res, 200, { deleted: true, ...removed });
      },
    },
    {
      method: 'get',
      path: '/strategy-lock/approvals',
      handle: async ({ res, context, url }) => {
        const { status } = readQuery(url, Status);
        sendJson(res, 200, { approvals: await approvals.list(context, status) });
      },
    },
    {
      method: 'post',
      path: '/strategy-lock/approvals/:lock_id',
      handle: async ({ req, res, context, params }) => {
        const said = await readModel(req, bodyBytes, Decision);
        if (said.expires_at !== undefined && !(Date.parse(said.expires_at) > Date.now()))
          throw new NorthstarError('request.invalid', 'expires_at is in the past, so this would decide nothing.');
        sendJson(res, 200, await approvals.decide(context, params.lock_id ?? '', said));
      },
    },
  ];
  return routes.map((route) => operatorRoute(route, decisions));
}

function idOf(context: RequestContext, level: LockTarget['level'], id: string | undefined): string {
  if (level === 'system') return '*';
  if (level !== 'tenant') {
    if (id !== undefined) return id;
    throw new NorthstarError(
      'request.invalid',
      `A policy of a ${level} needs its "id": ${level === 'node' ? 'a project, or "<project>/<app>"' : 'the surface'}.`,
    );
  }
  if (id === undefined || id === context.tenantId) return context.tenantId;
  throw new NorthstarError(
    'identity.operator_required',
    `This sets the policy of ${context.tenantId}; act in ${id.slice(0, 70)} to set its own.`,
  );
}
