import type { Mode } from '@northstar/sdk';
import type { Actor } from '../../identity/request-context.ts';
import { sha256OfJson } from '../../spine/digest.ts';
import type { PolicyQuestion } from '../gate.ts';

export const APPROVAL_STATES = ['pending', 'approved', 'rejected', 'used'] as const;
export type ApprovalState = (typeof APPROVAL_STATES)[number];

/** A request for the approval of one exact call, and what became of it. Holds digests, never the arguments. */
export interface Approval {
  readonly lock_id: string;
  readonly status: ApprovalState;
  readonly action: string;
  readonly tool_id: string;
  readonly tenant_id: string;
  readonly mode: Mode;
  readonly subject_type?: string;
  readonly subject_id?: string;
  readonly requested_by: { readonly type: Actor['type']; readonly id: string; readonly issuer: string };
  readonly requested_at: string;
  readonly tool_digest: string;
  readonly argument_digest: string;
  /** The policy that asks for the approval: once it changes, the call is another one. */
  readonly policy_version: string;
  /** ISO 8601: until when the request can be decided on, and after that, until when the decision stands. */
  readonly expires_at: string;
  readonly decided_by?: string;
  readonly decided_at?: string;
  readonly reason?: string;
  /** Request that used the approval up. */
  readonly used_by?: string;
  readonly used_at?: string;
}

/** Everything that makes a call this call. Any of it different gives another id, which nobody has approved. */
export function lockId(question: PolicyQuestion, policyVersion: string): string {
  const { context, action, subject, toolDigest, argumentDigest } = question;
  const { tenantId, mode, issuer, actor } = context;
  const call = [tenantId, mode, issuer, actor.type, actor.id, action, subject?.type ?? null, subject?.id ?? null];
  return `lock_${sha256OfJson([...call, toolDigest, argumentDigest, policyVersion]).slice(0, 32)}`;
}

/** An unreadable date counts as expired: an approval that cannot be understood must not open anything. */
export function isOver({ expires_at }: Approval, now = Date.now()): boolean {
  return !(Date.parse(expires_at) > now);
}
