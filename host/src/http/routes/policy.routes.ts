import { z } from 'zod';
import { NorthstarError } from '../../errors/northstar-error.ts';
import { isOperator } from '../../identity/request-context.ts';
import { findGuarded } from '../../muscles/find-guarded.ts';
import { withoutRecords } from '../../pipeline/explanation.ts';
import type { HttpParts } from '../http-parts.ts';
import { readModel } from '../read-request.ts';
import { sendJson } from '../send.ts';
import type { Route } from './route.ts';

const ExplainBody = z.strictObject({
  action: z.string().min(1).max(200),
  subject_type: z.string().min(1).max(100).optional(),
  subject_id: z.string().min(1).max(200).optional(),
  // Left to the scope's own check, as in a call.
  arguments: z.unknown().optional(),
});

/** Asking policy without calling. */
export function policyRoutes({ registry, pipeline, bodyBytes }: HttpParts): Route[] {
  return [
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
