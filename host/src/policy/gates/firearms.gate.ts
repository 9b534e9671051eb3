import { isExpired, type FirearmsBinding, type FirearmsGrant, type FirearmsStore } from '../firearms-store.ts';
import type { GrantSubject } from '../firearms-store.ts';
import type { Gate } from '../gate.ts';

/** Denies a bound scope to callers that lack one of its licences. An unbound scope is open. */
export function firearmsGate(firearms: FirearmsStore): Gate {
  return {
    name: 'firearms',
    async decide(question) {
      const { context, action } = question;
      const bindings = await firearms.bindingsOf(context, question);
      if (bindings.length === 0) return { allow: true };
      const asked = bindings.flatMap(({ value }) => (value as unknown as FirearmsBinding).license_types);
      const required = [...new Set(asked)].sort();
      const { actor } = context;
      const subjects: { type: GrantSubject; id: string }[] = [
        { type: actor.type, id: actor.id },
        ...actor.roles.map((role) => ({ type: 'role' as const, id: role })),
      ];
      const grants = await firearms.grantsOf(context, required, subjects);
      const records = [...bindings, ...grants];
      const now = Date.now();
      const held = grants
        .map(({ value }) => value as unknown as FirearmsGrant)
        .filter((grant) => !isExpired(grant, now));
      const missing = required.filter((license) => !held.some(({ license_type }) => license_type === license));
      if (missing.length === 0) return { allow: true, records };
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
        records,
      };
    },
  };
}
