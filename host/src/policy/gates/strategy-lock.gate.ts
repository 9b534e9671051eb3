import type { FirearmsStore } from '../firearms-store.ts';
import type { Deny, Gate, PolicyQuestion } from '../gate.ts';
import { policyRecord, policyVersionOf, type PolicyRecord } from '../policy-record.ts';
import { isOver, lockId, type Approval } from '../strategy-lock/approval.ts';
import type { ApprovalStore } from '../strategy-lock/approval-store.ts';
import type { LockPolicy, LockPolicyStore } from '../strategy-lock/lock-policy-store.ts';

export interface StrategyLockStores {
  readonly lockPolicies: LockPolicyStore;
  readonly approvals: ApprovalStore;
  readonly firearms: FirearmsStore;
}

/** Denies a locked action until somebody has approved this exact call, and then lets it through once. */
export function strategyLockGate(stores: StrategyLockStores): Gate {
  const { approvals } = stores;
  return {
    name: 'strategy_lock',
    async decide(question) {
      const { required, basis } = await lockOn(question, stores);
      if (!required) return { allow: true, records: basis };
      const policyVersion = policyVersionOf(basis);
      const id = lockId(question, policyVersion);
      const found = await approvals.find(question.context, id);
      const approval = found?.value as unknown as Approval | undefined;
      const records = found
        ? [...basis, { ...policyRecord('approval', question.context.tenantId, found), state: true as const }]
        : basis;
      if (found && approval?.status === 'approved' && !isOver(approval))
        return {
          allow: true,
          records,
          claim: async () => (await approvals.use(question.context, found)) ?? locked(question, { id }),
        };
      return {
        ...locked(question, { id, approval }),
        records,
        open: () => approvals.request(question, id, policyVersion),
      };
    },
  };
}

/**
 * Whether the action is locked here, and the records that say so. The policy of the narrowest level decides; where none
 * says anything, a licensed action is locked outside lab: whoever holds the licence still does not act alone.
 */
async function lockOn(
  { context, ...call }: PolicyQuestion,
  { lockPolicies, firearms }: StrategyLockStores,
): Promise<{ required: boolean; basis: PolicyRecord[] }> {
  const policy = await lockPolicies.deciding(context, call.action);
  // Anything but a clear false locks: a record that cannot be understood must not open anything.
  if (policy) return { required: (policy.value as unknown as LockPolicy).required !== false, basis: [policy] };
  if (context.mode === 'lab') return { required: false, basis: [] };
  const bindings = await firearms.bindingsOf(context, call);
  return { required: bindings.length > 0, basis: bindings };
}

function locked(
  { action, argumentDigest }: PolicyQuestion,
  { id, approval }: { id: string; approval?: Approval | undefined },
): Deny {
  const state = approval !== undefined && !isOver(approval) && approval.status !== 'used' ? approval.status : 'pending';
  return {
    allow: false,
    code: 'strategy_lock.required',
    message:
      state === 'rejected'
        ? `strategy_lock.required: an approver rejected this call of ${action}${approval?.reason ? `: ${approval.reason}` : ''}. Do not retry it; ask an operator, or call with other arguments.`
        : `strategy_lock.required: ${action} needs the approval of this exact call by somebody else. ` +
          `Ask an operator: POST /strategy-lock/approvals/${id} {"decision":"approve"}; then repeat the call with the same arguments. It works once.`,
    details: { lock_id: id, status: state, action_name: action, argument_digest: argumentDigest },
  };
}
