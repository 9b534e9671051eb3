import { z } from 'zod';
import { NorthstarError } from '../../errors/northstar-error.ts';
import { isOperator } from '../../identity/request-context.ts';
import { findGuarded } from '../../muscles/find-guarded.ts';
import { withoutRecords } from '../../pipeline/explanation.ts';
import type { PolicyStores } from '../../policy/policy-stores.ts';
import { replayDecisions } from '../../policy/replay-decisions.ts';
import type { HttpParts } from '../http-parts.ts';
import { readModel } from '../read-request.ts';
import { sendJson } from '../send.ts';
import { applyOverrides, ReplayOverrides } from './replay-overrides.ts';
import { operatorRoute, type Route } from './route.ts';

const ExplainBody = z.strictObject({
  action: z.string().min(1).max(200),
  subject_type: z.string().min(1).max(100).optional(),
  subject_id: z.string().min(1).max(200).optional(),
  // Left to the scope's own check, as in a call.
  arguments: z.unknown().optional(),
});

const ReplayBody = z.strictObject({
  cursor: z.string().min(1).max(500).optional(),
  limit: z.number().int().min(1).max(1000).default(100),
  overrides: ReplayOverrides.prefault({}),
});

/** Asking policy without calling: about one call, or about all that were recorded. */
export function policyRoutes({ registry, pipeline, decisions, bodyBytes, stores, prices, plans }: HttpParts): Route[] {
  const replay: Route = {
    method: 'post',
    path: '/policy/replay',
    handle: async ({ req, res, context }) => {
      const { overrides, ...page } = await readModel(req, bodyBytes, ReplayBody);
      const parts = { spine: stores.spine, records: stores.tabular, files: { prices, plans } };
      const change = (changed: PolicyStores) =>
        applyOverrides(overrides, { stores: changed, context, snapshot: registry.current });
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
