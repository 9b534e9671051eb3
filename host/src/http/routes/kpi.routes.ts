import { z } from 'zod';
import { NorthstarError } from '../../errors/northstar-error.ts';
import { ID_PATTERN } from '../../identity/identity-fields.ts';
import type { RequestContext } from '../../identity/request-context.ts';
import { canonicalScope } from '../../muscles/canonical-scope.ts';
import { fitsNothing } from '../../muscles/fits-nothing.ts';
import type { HttpParts } from '../http-parts.ts';
import { readModel, readQuery } from '../read-request.ts';
import { sendJson } from '../send.ts';
import { policyName } from './policy-name.ts';
import { operatorRoute, type Route } from './route.ts';

const surface = z.string().regex(ID_PATTERN, '1 to 128 letters, digits or _ . : @ | + / = -');
const Definition = z.strictObject({
  kpi_name: policyName,
  unit: z.string().max(50).default(''),
  description: z.string().max(1000).default(''),
});
const Corridor = z
  .strictObject({
    kpi_name: policyName,
    surface: surface.optional(),
    floor: z.number().optional(),
    ceiling: z.number().optional(),
  })
  .refine(({ floor, ceiling }) => floor !== undefined || ceiling !== undefined, 'give a floor, a ceiling, or both')
  .refine(({ floor = -Infinity, ceiling = Infinity }) => floor <= ceiling, 'the floor is above the ceiling');
const CorridorKey = z.strictObject({ kpi_name: policyName, surface: surface.optional() });
const Measurement = z.strictObject({
  kpi_name: policyName,
  surface: surface.optional(),
  value: z.number(),
  at: z.iso.datetime({ offset: true, error: 'a time such as 2030-01-31T12:00:00Z' }).optional(),
});
const MeasurementQuery = z.strictObject({
  kpi_name: policyName,
  surface: surface.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
const Binding = z.strictObject({ tool_id: policyName, scope_name: policyName, kpi_name: policyName });
const BindingQuery = z.strictObject({ tool_id: policyName.optional() });

/** Milliseconds that a measurement may lie ahead of this host's clock: one from far ahead would be the latest forever. */
const AHEAD_MS = 5 * 60_000;

/** KPIs of the caller's tenant: what they are, the corridors they must stay in, what was measured, what they stop. */
export function kpiRoutes({ kpis, registry, decisions, bodyBytes }: HttpParts): Route[] {
  const undefinedYet = async (context: RequestContext, kpiName: string): Promise<string | undefined> =>
    (await kpis.isDefined(context, kpiName))
      ? undefined
      : `No KPI ${kpiName} is defined yet; PUT /kpi/definitions says what it is.`;
  const stamped = (context: RequestContext) => ({
    updated_by: context.actor.id,
    updated_at: new Date().toISOString(),
  });
  const routes: Route[] = [
    {
      method: 'get',
      path: '/kpi/definitions',
      handle: async ({ res, context }) => sendJson(res, 200, { definitions: await kpis.definitions(context) }),
    },
    {
      method: 'put',
      path: '/kpi/definitions',
      handle: async ({ req, res, context }) => {
        const body = await readModel(req, bodyBytes, Definition);
        sendJson(res, 200, await kpis.define(context, { ...body, ...stamped(context) }));
      },
    },
    {
      method: 'get',
      path: '/kpi/corridors',
      handle: async ({ res, context }) => sendJson(res, 200, { corridors: await kpis.corridors(context) }),
    },
    {
      method: 'put',
      path: '/kpi/corridors',
      handle: async ({ req, res, context }) => {
        const body = await readModel(req, bodyBytes, Corridor);
        const stored = await kpis.setCorridor(context, { ...body, ...stamped(context) });
        const warning = await undefinedYet(context, stored.kpi_name);
        sendJson(res, 200, { ...stored, ...(warning && { warning }) });
      },
    },
    {
      method: 'delete',
      path: '/kpi/corridors',
      handle: async ({ res, context, url }) => {
        const { kpi_name, surface: on } = readQuery(url, CorridorKey);
        await kpis.removeCorridor(context, kpi_name, on);
        sendJson(res, 200, { deleted: true, kpi_name, ...(on !== undefined && { surface: on }) });
      },
    },
    {
      method: 'get',
      path: '/kpi/measurements',
      handle: async ({ res, context, url }) => {
        const { kpi_name, ...query } = readQuery(url, MeasurementQuery);
        sendJson(res, 200, { measurements: await kpis.measurements(context, kpi_name, query) });
      },
    },
    {
      method: 'post',
      path: '/kpi/measurements',
      handle: async ({ req, res, context }) => {
        const { at, ...body } = await readModel(req, bodyBytes, Measurement);
        const time = at === undefined ? Date.now() : Date.parse(at);
        if (time > Date.now() + AHEAD_MS)
          throw new NorthstarError('request.invalid', `"at" is ${at}, which is still to come on this host's clock.`);
        const measurement = { ...body, at: new Date(time).toISOString(), reported_by: context.actor.id };
        const kept = await kpis.measure(context, measurement);
        const warning = await undefinedYet(context, body.kpi_name);
        sendJson(res, 201, { ...measurement, ...kept, ...(warning && { warning }) });
      },
    },
    {
      method: 'get',
      path: '/kpi/bindings',
      handle: async ({ res, context, url }) => {
        const { tool_id } = readQuery(url, BindingQuery);
        sendJson(res, 200, { bindings: await kpis.bindings(context, tool_id) });
      },
    },
    {
      method: 'put',
      path: '/kpi/bindings',
      handle: async ({ req, res, context }) => {
        const body = await readModel(req, bodyBytes, Binding);
        const scope_name = canonicalScope(registry.current, body.scope_name);
        const stored = await kpis.bind(context, { ...body, scope_name, ...stamped(context) });
        const warning =
          fitsNothing(registry.current, { muscle: stored.tool_id, scope: scope_name }) ??
          (await undefinedYet(context, stored.kpi_name));
        sendJson(res, 200, { ...stored, ...(warning && { warning }) });
      },
    },
    {
      method: 'delete',
      path: '/kpi/bindings',
      handle: async ({ res, context, url }) => {
        const { scope_name, ...rest } = readQuery(url, Binding);
        const target = { ...rest, scope_name: canonicalScope(registry.current, scope_name) };
        await kpis.unbind(context, target);
        sendJson(res, 200, { deleted: true, ...target });
      },
    },
  ];
  return routes.map((route) => operatorRoute(route, decisions));
}
