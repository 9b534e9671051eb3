import type { Effects, Json } from '@northstar/sdk';
import type { RequestContext } from '../identity/request-context.ts';
import type { ErrorCode } from '../errors/error-table.ts';
import type { MissingRoute } from '../errors/northstar-error.ts';
import type { GateTime } from './gate-time.ts';
import type { Hold } from './hold.ts';
import type { PolicyRecord } from './policy-record.ts';

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
  /** Milliseconds that the handler may take; what a gate reserves for the call must outlive them. */
  readonly timeoutMs: number;
  readonly subject?: Subject;
  /** SHA-256 over what the tool promises: name, description, schemas, annotations. */
  readonly toolDigest: string;
  /** SHA-256 over the checked arguments. */
  readonly argumentDigest: string;
  /** Asked from within a call that runs: what that call uses up (money, a place in a quota) is taken already. */
  readonly inner?: true;
}

/** Takes what an allow uses up. Runs only once every gate has allowed; a denial here gives back what others took. */
export type Claim = (time: GateTime) => Promise<Hold | Deny>;

export interface Allow {
  readonly allow: true;
  /** What the gate read to come to this; explain shows it, and the policy version is made from it. */
  readonly records?: readonly PolicyRecord[];
  readonly claim?: Claim;
}
export interface Deny {
  readonly allow: false;
  readonly code: ErrorCode | MissingRoute;
  /** Says what is missing and what to do: most clients show a model nothing else. */
  readonly message: string;
  readonly details?: { readonly [key: string]: Json };
  readonly records?: readonly PolicyRecord[];
  /** Writes down what a live denial starts, such as the request for an approval. Never runs in explain. */
  readonly open?: (time: GateTime) => Promise<void>;
}
export type GateDecision = Allow | Deny;

export const ALLOW: Allow = Object.freeze({ allow: true });

/**
 * One question of policy. Deciding only reads, so that explain, list and live are one and the same code; what a call
 * uses up is taken by the claim. Anything but `{allow: true}` is a denial: errors, time-outs and odd values included.
 */
export interface Gate {
  readonly name: string;
  decide(question: PolicyQuestion, time: GateTime): Promise<GateDecision>;
}
