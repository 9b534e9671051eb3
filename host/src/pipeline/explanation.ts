import type { Json, JsonObject } from '@northstar/sdk';
import type { NorthstarError } from '../errors/northstar-error.ts';
import type { PolicyRecord } from '../policy/policy-record.ts';
import type { GateVerdict, Verdict } from '../policy/verdict.ts';

/** One gate's part in an explanation: what it said, and the records that it read to say it. */
export interface ExplainedGate {
  readonly gate: string;
  readonly verdict: GateVerdict['verdict'];
  readonly code?: string;
  /** The first of `records`. */
  readonly record?: PolicyRecord;
  readonly records?: readonly PolicyRecord[];
}

/** What a call would be told, in the words of the HTTP route and the command. */
export interface Explanation {
  readonly action: string;
  readonly decision: 'allow' | 'deny';
  readonly code?: string;
  readonly gate?: string;
  readonly message?: string;
  readonly details?: { readonly [key: string]: Json };
  readonly gates: readonly ExplainedGate[];
  /** Absent where policy was not asked, since the arguments do not fit. */
  readonly policy_version?: string;
  /** What an approval of this call would be for; absent where no arguments were given and the scope needs some. */
  readonly argument_digest?: string;
}

export function explainVerdict(action: string, verdict: Verdict, argumentDigest: string | undefined): Explanation {
  const denial = verdict.allowed ? undefined : verdict.denial;
  return {
    action,
    decision: verdict.allowed ? 'allow' : 'deny',
    ...(denial && { code: denial.deny.code, gate: denial.gate, message: denial.deny.message }),
    ...(denial?.deny.details && { details: denial.deny.details }),
    gates: verdict.gates.map(({ records, ...gate }) => ({ ...gate, ...shown(records) })),
    policy_version: verdict.policyVersion,
    ...(argumentDigest !== undefined && { argument_digest: argumentDigest }),
  };
}

/** A refusal that comes before policy: no gate is reached. */
export function explainRefusal(action: string, refused: NorthstarError, gates: readonly string[]): Explanation {
  return {
    action,
    decision: 'deny',
    code: refused.code,
    ...(refused.gate !== undefined && { gate: refused.gate }),
    message: refused.message,
    details: refused.details as JsonObject,
    gates: gates.map((gate) => ({ gate, verdict: 'not_reached' })),
  };
}

/** Without what the gates read: policy records say who set them and why, which is for operators. */
export function withoutRecords(explanation: Explanation): Explanation {
  const gates = explanation.gates.map(({ record: _first, records: _all, ...gate }) => gate);
  return { ...explanation, gates };
}

function shown(records: readonly PolicyRecord[]): Pick<ExplainedGate, 'record' | 'records'> {
  const [record] = records;
  return record === undefined ? {} : { record, records };
}
