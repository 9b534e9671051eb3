import { didYouMean } from '@northstar/sdk/bind';
import { z } from 'zod';
import { NorthstarError } from '../../errors/northstar-error.ts';
import type { ActiveTool } from '../../muscles/active-muscle.ts';
import { wireName } from '../../gateway/caller.ts';
import { withHeaderNote } from '../../gateway/tool-table.ts';
import type { HttpParts } from '../http-parts.ts';
import { invokeScope } from '../invoke-scope.ts';
import { readBody, readModel } from '../read-request.ts';
import { sendJson } from '../send.ts';
import type { Route } from './route.ts';

const ExecuteBody = z.strictObject({
  action: z.string().min(1).max(200),
  subject_type: z.string().min(1).max(100).optional(),
  subject_id: z.string().min(1).max(200).optional(),
  // Left to the scope's own check: a model here would drop a hostile key instead of refusing it.
  arguments: z.unknown().optional(),
});

/** The inventory, and invoking a scope without MCP. */
export function toolRoutes(parts: HttpParts): Route[] {
  const { registry, defaultView, bodyBytes } = parts;
  const find = (name: string): ActiveTool => {
    const tool = registry.current.toolByName.get(name);
    if (tool === undefined)
      throw new NorthstarError(
        'scope.not_found',
        `No active muscle has the scope ${JSON.stringify(name.slice(0, 100))}${
          didYouMean(
            name,
            registry.current.tools.map(({ spec }) => spec.name),
          ) || '.'
        } GET /tools lists the ones there are.`,
        { details: { action_name: name.slice(0, 200) } },
      );
    return tool;
  };
  return [
    {
      method: 'get',
      path: '/tools',
      handle: async ({ res }) => {
        const inventory = registry.statuses.map((status) => {
          const muscle = registry.current.muscles.find(({ spec }) => spec.id === status.id);
          return {
            tool_id: status.id,
            name: muscle?.spec.name ?? status.id,
            summary: muscle?.spec.summary ?? '',
            state: status.state,
            scopes: (muscle?.tools ?? []).map((tool) => describeScope(tool, wireName(defaultView, tool))),
          };
        });
        sendJson(res, 200, inventory);
      },
    },
    {
      method: 'post',
      path: '/tools/:scope',
      handle: async (exchange) => {
        const tool = find(exchange.params.scope ?? '');
        // Held while the body comes in: a swap meanwhile must not dispose what this call was promised.
        const stay = tool.guarded.enter();
        try {
          await invokeScope(parts, exchange, {
            scope: tool.guarded,
            stay,
            args: (await readBody(exchange.req, bodyBytes)) ?? {},
          });
        } finally {
          stay.leave();
        }
      },
    },
    {
      method: 'post',
      path: '/actions/execute',
      handle: async (exchange) => {
        const body = await readModel(exchange.req, bodyBytes, ExecuteBody);
        const { subject_type: type, subject_id: id } = body;
        if ((type === undefined) !== (id === undefined))
          throw new NorthstarError('request.invalid', 'Send subject_type and subject_id together, or neither.');
        await invokeScope(parts, exchange, {
          scope: find(body.action).guarded,
          args: body.arguments ?? {},
          ...(type !== undefined && id !== undefined && { subject: { type, id } }),
        });
      },
    },
  ];
}

function describeScope(tool: ActiveTool, name: string) {
  return {
    name: tool.spec.name,
    description: tool.spec.description,
    inputSchema: withHeaderNote(tool.inputSchema),
    ...(tool.outputSchema && { outputSchema: tool.outputSchema }),
    effects: tool.spec.effects,
    kind: tool.spec.kind,
    wire_name: name,
    ...(tool.http && { http: { method: tool.http.method, path: tool.http.path } }),
  };
}
