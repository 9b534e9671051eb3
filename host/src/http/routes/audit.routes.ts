import { z } from 'zod';
import { NorthstarError } from '../../errors/northstar-error.ts';
import { SYSTEM_TENANT, type RequestContext } from '../../identity/request-context.ts';
import { auditStream } from '../../spine/audit-record.ts';
import { verifyAudit } from '../../spine/verify-audit.ts';
import type { StreamRef } from '../../stores/event-spine.ts';
import type { HttpParts } from '../http-parts.ts';
import { readQuery } from '../read-request.ts';
import { sendJson } from '../send.ts';
import { operatorRoute, type Route } from './route.ts';

/** `tenant`: of the caller's tenant and mode. `host`: of requests of nobody's tenant, for the system tenant alone. */
const Chain = z.strictObject({ chain: z.enum(['tenant', 'host']).default('tenant') });
const Page = Chain.extend({
  cursor: z.string().min(1).max(500).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** The audit chain of the caller's tenant, or of the host: its records in order, and whether it is whole. */
export function auditRoutes({ auth, decisions, stores }: HttpParts): Route[] {
  const chainOf = ({ tenantId, mode }: RequestContext, chain: 'tenant' | 'host'): StreamRef => {
    if (chain === 'tenant') return auditStream(tenantId, mode);
    if (auth.kind === 'none' || tenantId === SYSTEM_TENANT) return auditStream(SYSTEM_TENANT);
    throw new NorthstarError(
      'identity.operator_required',
      `The audit of the host is for operators of ${SYSTEM_TENANT}; leave chain out for that of ${tenantId}.`,
    );
  };
  const routes: Route[] = [
    {
      method: 'get',
      path: '/audit',
      handle: async ({ res, context, url }) => {
        const { chain, cursor, limit } = readQuery(url, Page);
        const at = chainOf(context, chain);
        const { events, more } = await stores.spine.read(at, { limit, ...(cursor !== undefined && { after: cursor }) });
        const records = events.map(({ eventId, ...event }) => ({ ...event, event_id: eventId }));
        sendJson(res, 200, { records, next_cursor: events.at(-1)?.cursor ?? cursor ?? null, more });
      },
    },
    {
      method: 'get',
      path: '/audit/verify',
      handle: async ({ res, context, url }) => {
        const { chain } = readQuery(url, Chain);
        const at = chainOf(context, chain);
        await decisions.flush();
        const mode = at.mode ?? null;
        sendJson(res, 200, { tenant_id: at.tenantId, mode, ...(await verifyAudit(stores, at)) });
      },
    },
  ];
  return routes.map((route) => operatorRoute(route, decisions));
}
