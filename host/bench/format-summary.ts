import type { Goal, RowSummary, Summary } from './summarize.ts';

const COLUMNS: readonly [string, (row: RowSummary) => string][] = [
  ['request', (row) => row.label],
  ['× SDK', (row) => row.timesSdk.toFixed(2)],
  ['× 10 tools', (row) => row.timesFewTools?.toFixed(2) ?? ''],
  ['CPU µs', (row) => row.cpuMicros.toFixed(0)],
  ['req/s', (row) => row.requestsPerSecond.toFixed(0)],
  ['p50 ms', (row) => row.p50Ms.toFixed(2)],
  ['p99 ms', (row) => row.p99Ms.toFixed(2)],
  ['requests', (row) => String(row.requests)],
];

/** The table in Markdown, so that it can be pasted as it is. */
export function formatTable({ rows }: Summary): string {
  const cells = [COLUMNS.map(([title]) => title), ...rows.map((row) => COLUMNS.map(([, cell]) => cell(row)))];
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const lines = cells.map(
    (line) =>
      `| ${line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`,
  );
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

export function formatGoal({ limit, ratio, met }: Goal): string {
  return `goal: 1,000 tools ≤ ${limit} × 10 tools: ${ratio.toFixed(2)} ${met ? 'ok' : 'MISSED'}`;
}
