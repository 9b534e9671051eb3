import type { Json } from '@northstar/sdk';
import { z } from 'zod';
import { NorthstarError } from '../../errors/northstar-error.ts';
import { isOperator, type RequestContext } from '../../identity/request-context.ts';
import { internalKind, internalStream, openStream } from '../../spine/stream-kind.ts';
import type { HttpParts } from '../http-parts.ts';
import { readModel, readQuery } from '../read-request.ts';
import { sendJson } from '../send.ts';
import type { Route } from './route.ts';

const stream = z.string().min(1).max(500);
const Append = z.strictObject({
  stream,
  type: z.string().min(1).max(200),
  data: z.custom<Json>((value) => value !== undefined, 'any JSON value; null for none'),
  event_id: z.string().min(1).max(500).optional(),
});
const Replay = z.strictObject({
  stream,
  cursor: z.string().min(1).max(500).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/**
 * Event streams of the caller's tenant and mode. Streams that are named here live in a corner of their own; the host's
 * own ones (audit, safety, versions, muscles) cannot be written to, and only operators read them.
 */
export function eventRoutes({ stores, decisions, bodyBytes }: HttpParts): Route[] {
  return [
    {
      method: 'post',
      path: '/events/append',
      handle: async ({ req, res, context }) => {
        const { stream: name, type, data, event_id } = await readModel(req, bodyBytes, Append);
        const reserved = internalKind(name) !== undefined;
        // Before the event, as every change is: a record of an append that failed is better than an event without one.
        await decisions.recordControl(context, 'POST /events/append', {
          allowed: !reserved,
          ...(reserved && { gate: 'events', code: 'events.reserved_stream' }),
        });
        if (reserved)
          throw new NorthstarError(
            'events.reserved_stream',
            `${quoted(name)} is a stream of the host's own; append to one whose name does not start with audit/, safety/, versions/ or muscle:.`,
          );
        const event = { type, data, ...(event_id !== undefined && { eventId: event_id }) };
        const { cursor, seq, duplicate } = await stores.spine.append(openStream(context, name), event);
        sendJson(res, 201, { cursor, seq, duplicate });
      },
    },
    {
      method: 'get',
      path: '/events/replay',
      handle: async ({ res, context, url }) => {
        const { stream: name, cursor, limit } = readQuery(url, Replay);
        const kind = internalKind(name);
        if (kind !== undefined) await assertOperator(context, name);
        const at = kind === undefined ? openStream(context, name) : internalStream(context, name, kind);
        const page = await stores.spine.read(at, { limit, ...(cursor !== undefined && { after: cursor }) });
        const events = page.events.map(({ eventId, ...event }) => ({ ...event, event_id: eventId }));
        sendJson(res, 200, { events, next_cursor: events.at(-1)?.cursor ?? cursor ?? null, more: page.more });
      },
    },
  ];

  async function assertOperator(context: RequestContext, name: string): Promise<void> {
    if (isOperator(context)) return;
    const code = 'identity.operator_required';
    await decisions.recordControl(context, 'GET /events/replay', { allowed: false, gate: 'operator', code });
    throw new NorthstarError(
      code,
      `${quoted(name)} is a stream of the host's own, which operators read; ask for a token with the "operator" role.`,
    );
  }
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 80));
}
