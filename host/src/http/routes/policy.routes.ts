import { z } from 'zod';
import { NorthstarError } from '../../errors/northstar-error.ts';
import { isOperator, type RequestContext } from '../../identity/request-context.ts';
import { findGuarded } from '../../muscles/find-guarded.ts';
import { withoutRecords } from '../../pipeline/explanation.ts';
import { BOUND_EFFECTS, GRANT_SUBJECTS } from '../../policy/firearms-store.ts';
import { KILL_TARGETS } from '../../policy/kill-switch-store.ts';
import type { PolicyStores } from '../../policy/policy-stores.ts';
import { replayDecisions } from '../../policy/replay-decisions.ts';
import { LOCK_LEVELS } from '../../policy/strategy-lock/lock-policy-store.ts';
import type { HttpParts } from '../http-parts.ts';
import { readModel } from '../read-request.ts';
import { sendJson } from '../send.ts';
import { operatorRoute, type Route } from './route.ts';

const ExplainBody = z.strictObject({
  action: z.string().min(1).max(200),
  subject_type: z.string().min(1).max(100).optional(),
  subject_id: z.string().min(1).max(200).optional(),
  // Left to the scope's own check, as in a call.
  arguments: z.unknown().optional(),
});

const name = z.string().min(1).max(257);
const licenses = z.array(name).max(50);
/** Changes that hold for one replay. A binding without licences binds nothing. */
const Overrides = z.strictObject({
  bindings: z
    .array(
      z.union([
        z.strictObject({ tool_id: name, scope_name: name, license_types: licenses }),
        z.strictObject({ tool_id: name, effects: z.enum(BOUND_EFFECTS), license_types: licenses }),
      ]),
    )
    .max(100)
    .default([]),
  grants: z
    .array(z.strictObject({ license_type: name, subject_type: z.enum(GRANT_SUBJECTS), subject_id: name }))
    .max(100)
    .default([]),
  revoked_grants: z.array(name).max(100).default([]),
  lock_policies: z
    .array(z.strictObject({ level: z.enum(LOCK_LEVELS), id: name, action: name, required: z.boolean() }))
    .max(100)
    .default([]),
  kill_switches: z
    .array(z.strictObject({ target: z.enum(KILL_TARGETS), id: name, engaged: z.boolean() }))
    .max(100)
    .default([]),
});
const ReplayBody = z.strictObject({
  cursor: z.string().min(1).max(500).optional(),
  limit: z.number().int().min(1).max(1000).default(100),
  overrides: Overrides.prefault({}),
});

/** Asking policy without calling: about one call, or about all that were recorded. */
export function policyRoutes({ registry, pipeline, decisions, bodyBytes, stores, prices, plans }: HttpParts): Route[] {
  const replay: Route = {
    method: 'post',
    path: '/policy/replay',
    handle: async ({ req, res, context }) => {
      const { overrides, ...page } = await readModel(req, bodyBytes, ReplayBody);
      const parts = { spine: stores.spine, records: stores.tabular, files: { prices, plans } };
      const change = (changed: PolicyStores) => applyOverrides(changed, context, overrides);
      sendJson(res, 200, await replayDecisions(parts, context, { ...page, change }));
    },
  };
  return [
    operatorRoute(replay, decisions),
    {
      method: 'post',
      path: '/policy/explain',
      handle: async ({ req, res, context }) => {
        const body = await readModel(req, bodyBytes, ExplainBody);
        const { action, subject_type: type, subject_id: id } = body;
        if ((type === undefined) !== (id === undefined))
          throw new NorthstarError('request.invalid', 'Send subject_type and subject_id together, or neither.');
        const explanation = await pipeline.explain({
          scope: findGuarded(registry.current, action),
          context,
          args: body.arguments,
          ...(type !== undefined && id !== undefined && { subject: { type, id } }),
        });
        sendJson(res, 200, isOperator(context) ? explanation : withoutRecords(explanation));
      },
    },
  ];
}

async function applyOverrides(
  stores: PolicyStores,
  context: RequestContext,
  overrides: z.infer<typeof Overrides>,
): Promise<void> {
  const by = { updated_by: context.actor.id, updated_at: new Date().toISOString() };
  const granted = { granted_by: by.updated_by, granted_at: by.updated_at };
  for (const binding of overrides.bindings) await stores.firearms.bind(context, { ...binding, ...by });
  for (const grant of overrides.grants) await stores.firearms.grant(context, { ...grant, ...granted });
  for (const id of overrides.revoked_grants) await stores.firearms.revoke(context, id);
  for (const policy of overrides.lock_policies) await stores.lockPolicies.save(context, { ...policy, ...by });
  for (const entry of overrides.kill_switches) await stores.killSwitches.set({ ...entry, reason: 'replay', ...by });
}
