import type { Gate } from '../gate.ts';
import type { KillSwitch, KillSwitchStore } from '../kill-switch-store.ts';

/** Denies what an operator has switched off: everything, a tenant, a muscle or one scope. */
export function killSwitchGate(switches: KillSwitchStore): Gate {
  return {
    name: 'kill_switch',
    async decide({ context, toolId, action }) {
      const records = await switches.covering({ tenantId: context.tenantId, toolId, action });
      const engaged = records.map(({ value }) => value as unknown as KillSwitch).find((entry) => entry.engaged);
      if (engaged === undefined) return { allow: true, records };
      return {
        allow: false,
        code: 'kill_switch.engaged',
        message: `kill_switch.engaged: ${action} is switched off (${engaged.target} ${engaged.id}): ${engaged.reason}. Do not retry; an operator must release it at /admin/kill-switch.`,
        details: { target: engaged.target, id: engaged.id, reason: engaged.reason, action_name: action },
        records,
      };
    },
  };
}
