import { z } from 'zod';
import { auditStream } from '../../spine/audit-record.ts';
import { verifyAudit } from '../../spine/verify-audit.ts';
import type { HttpParts } from '../http-parts.ts';
import { readQuery } from '../read-request.ts';
import { sendJson } from '../send.ts';
import { operatorRoute, type Route } from './route.ts';

const Page = z.strictObject({
  cursor: z.string().min(1).max(500).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** The audit chain of the caller's tenant: its records in order, and whether it is whole. */
export function auditRoutes({ decisions, stores }: HttpParts): Route[] {
  const routes: Route[] = [
    {
      method: 'get',
      path: '/audit',
      handle: async ({ res, context, url }) => {
        const { cursor, limit } = readQuery(url, Page);
        const at = auditStream(context.tenantId, context.mode);
        const { events, more } = await stores.spine.read(at, { limit, ...(cursor !== undefined && { after: cursor }) });
        const records = events.map(({ eventId, ...event }) => ({ ...event, event_id: eventId }));
        sendJson(res, 200, { records, next_cursor: events.at(-1)?.cursor ?? cursor ?? null, more });
      },
    },
    {
      method: 'get',
      path: '/audit/verify',
      handle: async ({ res, context }) => {
        await decisions.flush();
        const { tenantId, mode } = context;
        sendJson(res, 200, { tenant_id: tenantId, mode, ...(await verifyAudit(stores, auditStream(tenantId, mode))) });
      },
    },
  ];
  return routes.map((route) => operatorRoute(route, decisions));
}
