import { randomBytes } from 'node:crypto';
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

/** Seals state with a key of this process, bound to the caller and the method. Signed, not encrypted. */
export function requestStateCodec(callerOf: (ctx: ServerContext) => Caller): RequestStateCodec<SealedState> {
  return createRequestStateCodec<SealedState>({
    key: PROCESS_KEY,
    ttlSeconds: TTL_SECONDS,
    bind: (ctx) => `${ctx.mcpReq.method} ${ownerOf(callerOf(ctx))}`,
  });
}

const PROCESS_KEY = new Uint8Array(randomBytes(32));
