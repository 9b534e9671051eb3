import type { Tool } from '@modelcontextprotocol/server';
import type { Effects, JsonSchema } from '@northstar/sdk';
import type { ActiveTool } from '../muscles/active-muscle.ts';
import type { Snapshot } from '../muscles/snapshot.ts';
import { shows, wireName, type View } from './caller.ts';

/** Told in every input schema, because a model sees schemas and rarely any other page. */
export const HEADER_NOTE =
  'Send as HTTP headers, not as arguments: identity X-Mode, X-Tenant-Id, X-Project-Id; budget and audit X-Request-Id, X-Run-Id, X-Step-Id.';

const tables = new WeakMap<Snapshot, Map<string, readonly Tool[]>>();

/** The tools that a view lists: built once per snapshot and view, then the same frozen array for every request. */
export function toolTable(snapshot: Snapshot, view: View): readonly Tool[] {
  const byView = tables.get(snapshot) ?? new Map<string, readonly Tool[]>();
  tables.set(snapshot, byView);
  const key = JSON.stringify([view.toolNames, view.tools ?? null]);
  const known = byView.get(key);
  if (known) return known;
  const built = Object.freeze(
    snapshot.tools.filter((tool) => shows(view, tool)).map((tool) => describeTool(tool, wireName(view, tool))),
  );
  byView.set(key, built);
  return built;
}

function describeTool(tool: ActiveTool, name: string): Tool {
  const { spec } = tool;
  return Object.freeze({
    name,
    title: spec.title ?? spec.name,
    description: spec.description,
    inputSchema: withHeaderNote(tool.inputSchema) as Tool['inputSchema'],
    ...(tool.outputSchema && { outputSchema: tool.outputSchema as Tool['outputSchema'] }),
    annotations: annotationsFor(spec.effects),
    _meta: { tool_id: tool.toolId, scope: spec.name },
  });
}

/** All four hints, because the protocol's defaults are the pessimistic ones. */
function annotationsFor(effects: Effects) {
  return {
    readOnlyHint: effects === 'read',
    destructiveHint: effects === 'destructive',
    idempotentHint: effects === 'read',
    // A spec does not say whether its code reaches the network, so the honest answer is that it may.
    openWorldHint: true,
  };
}

export function withHeaderNote(schema: JsonSchema): JsonSchema {
  const description = typeof schema.description === 'string' ? `${schema.description} ${HEADER_NOTE}` : HEADER_NOTE;
  return Object.freeze({ ...schema, description });
}
