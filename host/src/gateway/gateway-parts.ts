import type { RequestStateCodec, Server, ServerContext } from '@modelcontextprotocol/server';
import type { JsonObject } from '@northstar/sdk';
import { didYouMean } from '@northstar/sdk/bind';
import type { ListedTools } from '../config/host-config.ts';
import { errorEnvelope, type ErrorEnvelope } from '../errors/error-envelope.ts';
import { NorthstarError } from '../errors/northstar-error.ts';
import type { RequestContext } from '../identity/request-context.ts';
import type { Snapshot } from '../muscles/snapshot.ts';
import type { Outcome } from '../pipeline/invocation.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { RefusalLog } from '../spine/refusal-log.ts';
import type { GuardedScope } from '../policy/guarded-scope.ts';
import { callerIo } from './caller-io.ts';
import type { Caller } from './caller.ts';
import type { ProtocolFaults } from './protocol-faults.ts';
import type { SealedState } from './request-state.ts';

/** What the gateway is built from. Handlers and loaders are not in it. */
export interface GatewayParts {
  readonly snapshot: () => Snapshot;
  readonly pipeline: Pipeline;
  readonly refusals: RefusalLog;
  readonly faults: ProtocolFaults;
  readonly version: string;
  readonly inlineBytes: number;
  readonly listedTools: ListedTools;
  /** 32 bytes that seal what travels through the client between two rounds of one call. */
  readonly stateKey: Uint8Array;
}

/** What the request handlers of one MCP server share. */
export interface ServerParts extends GatewayParts {
  readonly server: Server;
  readonly callerOf: (ctx: ServerContext) => Caller;
  readonly codec: RequestStateCodec<SealedState>;
}

/** Runs something guarded for the client behind `ctx`. */
export function invokeFor(
  parts: ServerParts,
  ctx: ServerContext,
  call: { scope: GuardedScope; args: unknown },
): Promise<Outcome> {
  const legacy = ctx.mcpReq.envelope ? undefined : (parts.server.getClientCapabilities() as JsonObject | undefined);
  return parts.pipeline.invoke({
    scope: call.scope,
    context: parts.callerOf(ctx).context,
    args: call.args,
    io: callerIo(ctx, call.scope.facts.name, legacy),
  });
}

/** The envelope for a name that the caller's view of the snapshot does not have; it is on record when it resolves. */
export async function unknownName(
  { refusals }: Pick<GatewayParts, 'refusals'>,
  caller: Caller,
  asked: { kind: 'tool' | 'prompt' | 'resource'; name: string; known?: Iterable<string> },
): Promise<ErrorEnvelope> {
  const { kind, name, known = [] } = asked;
  const { context } = caller;
  const list = `${kind}s/list`;
  const shown = JSON.stringify(name.slice(0, 100));
  const error = new NorthstarError(
    'scope.not_found',
    `scope.not_found: no active muscle has the ${kind} ${shown}${didYouMean(name, known) || '.'} Call ${list} for the ones there are.`,
  );
  return refuse(refusals, context, { error, action: name });
}

/** Records what the gateway itself refuses, and gives its envelope. */
export async function refuse(
  refusals: RefusalLog,
  context: RequestContext,
  { error, action }: { error: NorthstarError; action: string },
): Promise<ErrorEnvelope> {
  const { requestId, transport } = context;
  await refusals.ofCaller(context, { code: error.code, transport, requestId, action });
  return errorEnvelope(error, requestId);
}
