import {
  CLIENT_CAPABILITIES_META_KEY,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { Answers, Json, JsonObject } from '@northstar/sdk';
import type { CallerIo } from '../pipeline/invocation.ts';
import type { SealedState } from './request-state.ts';

/** What the handler of `action` can do towards the client that sent this request. */
export function callerIo(ctx: ServerContext, action: string, legacyCapabilities: JsonObject | undefined): CallerIo {
  const { mcpReq } = ctx;
  const declared = (mcpReq.envelope as JsonObject | undefined)?.[CLIENT_CAPABILITIES_META_KEY] as
    JsonObject | undefined;
  const progressToken = mcpReq._meta?.progressToken;
  const sealed = mcpReq.requestState<SealedState>();
  if (sealed !== undefined && typeof sealed === 'object' && sealed.action !== action)
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Invalid or expired requestState', {
      reason: 'invalid_request_state',
    });
  return {
    signal: mcpReq.signal,
    clientCapabilities: declared ?? legacyCapabilities ?? {},
    ...(mcpReq.inputResponses && { answers: mcpReq.inputResponses as Answers }),
    ...(typeof sealed === 'object' && { state: sealed.state }),
    notifyLog: (level, data: Json) => mcpReq.log(level as Parameters<typeof mcpReq.log>[0], data),
    ...(progressToken !== undefined && progressIo(mcpReq, progressToken)),
  };
}

/**
 * Pieces of a stream scope are progress notifications too, told by their message. The protocol wants numbers that only
 * grow: once pieces come, they are the ones that are counted.
 */
function progressIo(
  mcpReq: ServerContext['mcpReq'],
  progressToken: string | number,
): Pick<CallerIo, 'progress' | 'piece'> {
  let pieces = 0;
  const notify = (update: { progress: number; total?: number; message?: string }): Promise<void> =>
    mcpReq.notify({ method: 'notifications/progress', params: { progressToken, ...update } });
  return {
    progress: (update) => (pieces > 0 ? Promise.resolve() : notify(update)),
    piece: (piece) =>
      notify({ progress: ++pieces, message: typeof piece === 'string' ? piece : JSON.stringify(piece) }),
  };
}
