import type { Row } from './bench-rows.ts';
import { FEW_TOOLS_KEY, MANY_TOOLS_KEY } from './bench-rows.ts';
import type { Block, Blocks } from './measure.ts';
import { median } from './statistics.ts';

export interface RowSummary {
  readonly key: string;
  readonly label: string;
  readonly cpuMicros: number;
  /** CPU per request against a tools/call of the bare SDK server in the same protocol era. */
  readonly timesSdk: number;
  /** CPU per request against the same request with 10 tools. */
  readonly timesFewTools?: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly requests: number;
}

export interface Goal {
  readonly limit: number;
  readonly ratio: number;
  readonly met: boolean;
}

export interface Summary {
  readonly rows: readonly RowSummary[];
  readonly goal: Goal;
}

/** A thousand tools may cost this much of ten at most. */
const LIMIT = 1.5;

export function summarize(rows: readonly Row[], blocks: Blocks): Summary {
  const of = (key: string): readonly Block[] => blocks.get(key) ?? [];
  const ratio = (key: string, reference: string): number =>
    median(of(key).map((block, round) => block.cpuMicros / (of(reference)[round]?.cpuMicros ?? Number.NaN)));
  const goalRatio = ratio(MANY_TOOLS_KEY, FEW_TOOLS_KEY);
  return {
    rows: rows.map((row) => ({
      key: row.key,
      label: row.label,
      cpuMicros: median(of(row.key).map((block) => block.cpuMicros)),
      timesSdk: ratio(row.key, row.sdkKey),
      ...(row.fewToolsKey !== undefined && { timesFewTools: ratio(row.key, row.fewToolsKey) }),
      requestsPerSecond: median(of(row.key).map((block) => block.requests / block.seconds)),
      p50Ms: median(of(row.key).map((block) => block.p50Ms)),
      p99Ms: median(of(row.key).map((block) => block.p99Ms)),
      requests: of(row.key).reduce((sum, block) => sum + block.requests, 0),
    })),
    goal: { limit: LIMIT, ratio: goalRatio, met: goalRatio <= LIMIT },
  };
}
