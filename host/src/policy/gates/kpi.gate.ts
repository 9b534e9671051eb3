import type { Deny, Gate, PolicyQuestion } from '../gate.ts';
import type { KpiBinding, KpiCorridor, KpiMeasurement } from '../kpi/kpi-records.ts';
import type { KpiReading, KpiStore } from '../kpi/kpi-store.ts';
import { policyRecord, type PolicyRecord } from '../policy-record.ts';

/**
 * Denies a scope while a KPI that it is bound to lies outside of its corridor. What counts is the latest measurement
 * by its own time. A KPI without a measurement, or without a corridor, is not outside of anything.
 */
export function kpiGate(kpis: KpiStore): Gate {
  return {
    name: 'kpi',
    async decide(question) {
      const { context, toolId, action } = question;
      const bound = await kpis.bindingsOn(context, toolId, action);
      if (bound.length === 0) return { allow: true };
      const bindings = bound.flatMap(({ value }) => (value as unknown as { bindings: KpiBinding[] }).bindings);
      const names = [...new Set(bindings.map(({ kpi_name }) => kpi_name))].sort();
      const readings = await Promise.all(names.map((name) => kpis.read(context, name, context.surfaceId)));
      const records = [
        ...bound.map((record) => policyRecord('kpi_binding', context.tenantId, record)),
        ...readings.flatMap((reading) => recordsOf(context.tenantId, reading)),
      ];
      for (const reading of readings) {
        const denial = breachOf(question, reading);
        if (denial) return { ...denial, records };
      }
      return { allow: true, records };
    },
  };
}

function breachOf({ action, context }: PolicyQuestion, { kpiName, corridor, latest }: KpiReading): Deny | undefined {
  if (corridor === undefined || latest === undefined) return undefined;
  const bounds = corridor.value as unknown as KpiCorridor;
  const { value, at, surface } = latest.value as unknown as KpiMeasurement;
  const limits = [bounds.floor ?? -Infinity, bounds.ceiling ?? Infinity];
  if (![value, ...limits].every((number) => typeof number === 'number' && !Number.isNaN(number)))
    throw new Error(`the corridor or the latest measurement of ${kpiName} holds no numbers`);
  const below = value < limits[0]!;
  if (!below && !(value > limits[1]!)) return undefined;
  const bound = below ? `below its floor of ${bounds.floor}` : `above its ceiling of ${bounds.ceiling}`;
  const code = below ? 'kpi.floor_breached' : 'kpi.ceiling_breached';
  return {
    allow: false,
    code,
    message:
      `${code}: ${action} is bound to ${kpiName}, which is at ${value} (measured ${at}) and so ${bound} in tenant ${context.tenantId}. ` +
      'Do not retry until it is measured inside its corridor again: POST /kpi/measurements.',
    details: {
      action_name: action,
      kpi_name: kpiName,
      value,
      measured_at: at,
      ...(bounds.floor !== undefined && { floor: bounds.floor }),
      ...(bounds.ceiling !== undefined && { ceiling: bounds.ceiling }),
      ...(surface !== undefined && { surface }),
    },
  };
}

/** A KPI that lacks one or the other shows so: explain then tells why nothing is outside. */
function recordsOf(tenantId: string, { kpiName, corridor, latest }: KpiReading): PolicyRecord[] {
  const none = (kind: string): PolicyRecord => ({ kind, id: kpiName, version: 'absent', value: null });
  return [
    corridor ? policyRecord('kpi_corridor', tenantId, corridor) : none('kpi_corridor'),
    { ...(latest ? policyRecord('kpi_measurement', tenantId, latest) : none('kpi_measurement')), state: true },
  ];
}
