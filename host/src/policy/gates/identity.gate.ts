import { CLOCK_TOLERANCE_MS, SYSTEM_TENANT, type RequestContext } from '../../identity/request-context.ts';
import type { Deny, Gate } from '../gate.ts';
import type { PolicyRecord } from '../policy-record.ts';

/**
 * Denies a caller that is no member of the tenant it acts in. The builder of contexts refuses such a request first;
 * this holds for contexts that were made earlier or elsewhere: a ticket, a session, a job that runs for its owner.
 */
export function identityGate(): Gate {
  return {
    name: 'identity',
    async decide({ context, action }) {
      const records = [membership(context)];
      const fault = faultOf(context, action);
      return fault === undefined ? { allow: true, records } : { allow: false, records, ...fault };
    },
  };
}

function faultOf(
  { actor, issuer, mode, tenantId, tenants, expiresAt }: RequestContext,
  action: string,
): Pick<Deny, 'code' | 'message' | 'details'> | undefined {
  if (issuer === 'none')
    return mode === 'lab'
      ? undefined
      : {
          code: 'identity.mode_not_allowed',
          message: `identity.mode_not_allowed: nobody vouches for ${actor.type} ${actor.id}, and ${action} was called in ${mode}. Without authentication only lab is served; authenticate, or have the operator set NORTHSTAR_AUTH=jwt.`,
          details: { mode, action_name: action },
        };
  if (expiresAt === undefined || !(expiresAt + CLOCK_TOLERANCE_MS > Date.now()))
    return {
      code: 'identity.unauthenticated',
      message: `identity.unauthenticated: the token that ${action} is called under has expired. Get a new one and call again.`,
    };
  if (tenants?.includes(tenantId) === true) return undefined;
  return {
    code: 'identity.not_a_member',
    message: `identity.not_a_member: ${actor.type} ${actor.id} is no member of tenant ${tenantId}, so it cannot call ${action} there. Act in a tenant that the token names, or have the issuer add this one.`,
    details: { tenant_id: tenantId, subject_type: actor.type, subject_id: actor.id, action_name: action },
  };
}

/** What the context says, in the form of a record: nothing is stored about it, so it is no part of the policy version. */
function membership({ actor, issuer, tenantId, tenants }: RequestContext): PolicyRecord {
  const value = {
    issuer,
    tenant_id: tenantId,
    member: issuer === 'none' ? null : (tenants?.includes(tenantId) ?? false),
    system: tenantId === SYSTEM_TENANT,
  };
  return { kind: 'membership', id: `${actor.type}/${actor.id}`, version: '', value, state: true };
}
