import { z } from 'zod';
import { MAX_TICKET_SECONDS } from '../../identity/ticket-store.ts';
import type { HttpParts } from '../http-parts.ts';
import { readModel } from '../read-request.ts';
import { sendJson } from '../send.ts';
import type { Route } from './route.ts';

const TicketBody = z.strictObject({
  resource: z
    .string()
    .regex(/^\/[^\s?#]*$/, 'a path such as /media-v2/assets/ast_1/content')
    .max(500),
  ttl_seconds: z.int().min(1).max(MAX_TICKET_SECONDS).default(60),
});

/** Single-use tickets: `GET <resource>?ticket=…` then runs as the caller who asked for the ticket. */
export function ticketRoutes({ tickets, bodyBytes }: HttpParts): Route[] {
  return [
    {
      method: 'post',
      path: '/tickets',
      handle: async ({ req, res, context }) => {
        const { resource, ttl_seconds } = await readModel(req, bodyBytes, TicketBody);
        sendJson(res, 201, { ...(await tickets.issue(context, resource, ttl_seconds)), resource });
      },
    },
  ];
}
