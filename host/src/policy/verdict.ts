import type { Claim, Deny } from './gate.ts';
import type { PolicyRecord } from './policy-record.ts';

/** What one gate said. A gate behind the first denial was not asked. */
export interface GateVerdict {
  readonly gate: string;
  readonly verdict: 'allow' | 'deny' | 'not_reached';
  readonly code?: string;
  readonly records: readonly PolicyRecord[];
}

/** A denial and the gate that spoke it; `cause` where the gate failed instead of deciding. */
export interface Denial {
  readonly gate: string;
  readonly deny: Deny;
  readonly cause?: unknown;
}

export interface GateClaim {
  readonly gate: string;
  readonly claim: Claim;
}

/** What the whole chain said. */
export type Verdict = {
  /** Every gate, in order. */
  readonly gates: readonly GateVerdict[];
  /** Names the policy records that were read. */
  readonly policyVersion: string;
} & (
  | { readonly allowed: true; readonly claims: readonly GateClaim[] }
  | { readonly allowed: false; readonly denial: Denial }
);
