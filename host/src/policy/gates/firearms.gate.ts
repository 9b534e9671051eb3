import type { FirearmsStore, GrantSubject } from '../firearms-store.ts';
import { ALLOW, type Gate } from '../gate.ts';

/** Denies a bound scope to callers that lack one of its licences. An unbound scope is open. */
export function firearmsGate(firearms: FirearmsStore): Gate {
  return {
    name: 'firearms',
    async decide({ context, toolId, action }) {
      const required = await firearms.requiredLicenses(context, toolId, action);
      if (required.length === 0) return ALLOW;
      const { actor } = context;
      const subjects: { type: GrantSubject; id: string }[] = [
        { type: actor.type, id: actor.id },
        ...actor.roles.map((role) => ({ type: 'role' as const, id: role })),
      ];
      const held = await Promise.all(required.map((license) => firearms.holds(context, license, subjects)));
      const missing = required.filter((_, index) => !held[index]);
      if (missing.length === 0) return ALLOW;
      return {
        allow: false,
        code: 'firearms.missing_grant',
        message:
          `firearms.missing_grant: ${action} needs the licence ${missing.join(' and ')}, which ${actor.type} ${actor.id} does not hold in tenant ${context.tenantId}. ` +
          `Do not retry yet; ask an operator of that tenant to grant it: POST /firearms/grants {"license_type":"${missing[0]}","subject_type":"${actor.type}","subject_id":"${actor.id}"}.`,
        details: {
          required_license_types: required,
          missing_license_types: missing,
          action_name: action,
          subject_type: actor.type,
          subject_id: actor.id,
        },
      };
    },
  };
}
