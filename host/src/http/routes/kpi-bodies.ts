import { z } from 'zod';
import { contextId, policyName } from './policy-name.ts';

export const KpiDefinitionBody = z.strictObject({
  kpi_name: policyName,
  unit: z.string().max(50).default(''),
  description: z.string().max(1000).default(''),
});
export const KpiCorridorBody = z
  .strictObject({
    kpi_name: policyName,
    surface: contextId.optional(),
    floor: z.number().optional(),
    ceiling: z.number().optional(),
  })
  .refine(({ floor, ceiling }) => floor !== undefined || ceiling !== undefined, 'give a floor, a ceiling, or both')
  .refine(({ floor = -Infinity, ceiling = Infinity }) => floor <= ceiling, 'the floor is above the ceiling');
export const KpiMeasurementBody = z.strictObject({
  kpi_name: policyName,
  surface: contextId.optional(),
  value: z.number(),
  at: z.iso.datetime({ offset: true, error: 'a time such as 2030-01-31T12:00:00Z' }).optional(),
});
export const KpiBindingBody = z.strictObject({ tool_id: policyName, scope_name: policyName, kpi_name: policyName });

/** Milliseconds that a measurement may lie ahead of this host's clock: one from far ahead would be the latest forever. */
export const KPI_AHEAD_MS = 5 * 60_000;
