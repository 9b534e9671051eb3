import { createRequestStateCodec, type RequestStateCodec, type ServerContext } from '@modelcontextprotocol/server';
import type { Json } from '@northstar/sdk';
import { ownerOf, type Caller } from './caller.ts';

/** What travels through the client between two rounds of one call. */
export interface SealedState {
  /** Scope or prompt that asked; the answers must come back to the same one. */
  readonly action: string;
  readonly state: Json;
}

/** Seconds that a user has to answer. */
const TTL_SECONDS = 600;

/** Seals state, bound to the caller and the method. Signed, not encrypted. */
export function requestStateCodec(
  key: Uint8Array,
  callerOf: (ctx: ServerContext) => Caller,
): RequestStateCodec<SealedState> {
  return createRequestStateCodec<SealedState>({
    key,
    ttlSeconds: TTL_SECONDS,
    bind: (ctx) => `${ctx.mcpReq.method} ${ownerOf(callerOf(ctx))}`,
  });
}
