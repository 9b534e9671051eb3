import type { Tool } from '@modelcontextprotocol/server';
import type { ErrorCode } from '../errors/error-table.ts';
import type { Explanation } from '../pipeline/explanation.ts';
import { shows, type Caller } from './caller.ts';
import type { GatewayParts } from './gateway-parts.ts';
import { toolTable } from './tool-table.ts';

/**
 * Denials that no arguments and no approval can turn into an allow: the caller can never call this until an operator
 * changes something. Whatever else denies now may allow the next call, so it stays listed.
 */
const NEVER: ReadonlySet<string> = new Set<ErrorCode>([
  'kill_switch.engaged',
  'identity.not_a_member',
  'firearms.missing_grant',
]);

/**
 * The tools that a caller is shown. Where the operator chose `callable`, those that it can never call are left out, by
 * the same chain that its calls pass. That is for tidiness: calling a tool that is not listed is refused all the same.
 */
export async function listedTools(parts: GatewayParts, { context, view }: Caller): Promise<readonly Tool[]> {
  const snapshot = parts.snapshot();
  const table = toolTable(snapshot, view);
  if (parts.listedTools === 'all') return table;
  const shown = snapshot.tools.filter((tool) => shows(view, tool));
  const explained = await Promise.all(
    shown.map((tool) => parts.pipeline.explain({ scope: tool.guarded, context, args: undefined })),
  );
  // The table holds the same tools in the same order.
  return table.filter((_, index) => !isNeverCallable(explained[index]));
}

export function isNeverCallable(explanation: Pick<Explanation, 'code' | 'details'> | undefined): boolean {
  const { code, details } = explanation ?? {};
  // A quota that is used up begins again; a plan that does not hold the scope does not.
  if (code === ('entitlement.required' satisfies ErrorCode)) return details?.reason !== 'quota_used_up';
  return code !== undefined && NEVER.has(code);
}
