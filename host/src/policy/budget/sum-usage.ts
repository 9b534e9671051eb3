import type { LedgerCell } from './usage-ledger.ts';
import { toUsd } from './usd.ts';

/** Dollars and calls of one tool; `tool_id` is absent for usage that was reported without one. */
export interface ToolUsage {
  readonly tool_id?: string;
  readonly cost: number;
  readonly calls: number;
}

/** Adds the ledger up: all together, and by tool, the dearest first. */
export function sumByTool(cells: readonly LedgerCell[]): { total: number; calls: number; by_tool: ToolUsage[] } {
  const tools = new Map<string | undefined, { microUsd: number; calls: number }>();
  for (const { tool_id, micro_usd, calls } of cells) {
    const before = tools.get(tool_id) ?? { microUsd: 0, calls: 0 };
    tools.set(tool_id, { microUsd: before.microUsd + micro_usd, calls: before.calls + calls });
  }
  const sums = [...tools].sort(([, a], [, b]) => b.microUsd - a.microUsd);
  return {
    total: toUsd(sums.reduce((sum, [, { microUsd }]) => sum + microUsd, 0)),
    calls: sums.reduce((sum, [, { calls }]) => sum + calls, 0),
    by_tool: sums.map(([tool_id, { microUsd, calls }]) => ({
      ...(tool_id !== undefined && { tool_id }),
      cost: toUsd(microUsd),
      calls,
    })),
  };
}
