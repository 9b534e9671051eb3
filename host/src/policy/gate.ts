import type { Effects, Json } from '@northstar/sdk';
import type { RequestContext } from '../identity/request-context.ts';
import type { ErrorCode } from '../errors/error-table.ts';
import type { MissingRoute } from '../errors/northstar-error.ts';

/** What a call acts on, as policy sees it. */
export interface Subject {
  readonly type: string;
  readonly id: string;
}

/** The question every gate answers: may this caller do this? Never holds the arguments, so no gate can leak them. */
export interface PolicyQuestion {
  readonly context: RequestContext;
  /** Scope, resource or prompt name: `media_v2.create_asset`. */
  readonly action: string;
  /** The muscle's id; policy records call it tool_id. */
  readonly toolId: string;
  readonly effects: Effects;
  readonly subject?: Subject;
  /** SHA-256 over what the tool promises: name, description, schemas, annotations. */
  readonly toolDigest: string;
  /** SHA-256 over the checked arguments. */
  readonly argumentDigest: string;
}

export interface Allow {
  readonly allow: true;
}
export interface Deny {
  readonly allow: false;
  readonly code: ErrorCode | MissingRoute;
  /** Says what is missing and what to do: most clients show a model nothing else. */
  readonly message: string;
  readonly details?: { readonly [key: string]: Json };
}
export type GateDecision = Allow | Deny;

export const ALLOW: Allow = Object.freeze({ allow: true });

/** One question of policy. Anything but `{allow: true}` is a denial: errors, time-outs and odd values included. */
export interface Gate {
  readonly name: string;
  decide(question: PolicyQuestion, signal: AbortSignal): Promise<GateDecision>;
}
