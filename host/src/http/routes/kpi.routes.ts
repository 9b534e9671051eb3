import { z } from 'zod';
import { NorthstarError } from '../../errors/northstar-error.ts';
import type { RequestContext } from '../../identity/request-context.ts';
import { canonicalScope } from '../../muscles/canonical-scope.ts';
import { fitsNothing } from '../../muscles/fits-nothing.ts';
import type { HttpParts } from '../http-parts.ts';
import { readModel, readQuery } from '../read-request.ts';
import { sendJson } from '../send.ts';
import { KPI_AHEAD_MS, KpiBindingBody, KpiCorridorBody, KpiDefinitionBody, KpiMeasurementBody } from './kpi-bodies.ts';
import { contextId, policyName } from './policy-name.ts';
import { operatorRoute, type Route } from './route.ts';

const CorridorKey = z.strictObject({ kpi_name: policyName, surface: contextId.optional() });
const MeasurementQuery = z.strictObject({
  kpi_name: policyName,
  surface: contextId.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
const BindingQuery = z.strictObject({ tool_id: policyName.optional() });

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
        const body = await readModel(req, bodyBytes, KpiDefinitionBody);
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
        const body = await readModel(req, bodyBytes, KpiCorridorBody);
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
        const { at, ...body } = await readModel(req, bodyBytes, KpiMeasurementBody);
        const time = at === undefined ? Date.now() : Date.parse(at);
        if (time > Date.now() + KPI_AHEAD_MS)
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
        const body = await readModel(req, bodyBytes, KpiBindingBody);
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
        const { scope_name, ...rest } = readQuery(url, KpiBindingBody);
        const target = { ...rest, scope_name: canonicalScope(registry.current, scope_name) };
        await kpis.unbind(context, target);
        sendJson(res, 200, { deleted: true, ...target });
      },
    },
  ];
  return routes.map((route) => operatorRoute(route, decisions));
}
