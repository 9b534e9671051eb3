import type { Upload } from '@northstar/sdk';
import type { GuardedScope } from '../policy/guarded-scope.ts';
import type { Stay } from '../policy/scope-lifetime.ts';
import { EventStream, wantsEvents } from './event-stream.ts';
import type { Exchange, HttpParts } from './http-parts.ts';
import { callerGone, sendOutcome } from './send-outcome.ts';

export interface ScopeCall {
  readonly scope: GuardedScope;
  readonly args: unknown;
  readonly subject?: { readonly type: string; readonly id: string };
  readonly upload?: Upload;
  /** From a route that entered the scope before it read the body. */
  readonly stay?: Stay;
}

/** Runs a scope for an HTTP request and answers it: at once, or in pieces where scope and caller both want that. */
export async function invokeScope(
  { pipeline }: Pick<HttpParts, 'pipeline'>,
  { req, res, context }: Exchange,
  { scope, args, subject, upload, stay }: ScopeCall,
): Promise<void> {
  const events = scope.facts.inPieces && wantsEvents(req) ? new EventStream(req, res) : undefined;
  const outcome = await pipeline.invoke({
    scope,
    context,
    args,
    ...(subject && { subject }),
    ...(stay && { stay }),
    io: {
      signal: callerGone(res),
      ...(upload && { upload }),
      ...(events && { piece: (piece) => events.piece(piece) }),
    },
  });
  if (events) return events.finish(outcome, context.requestId);
  await sendOutcome(req, res, outcome, context.requestId);
}
