import type { EngineResult, RowResult } from './compare.ts';

export interface Skipped {
  readonly engine: string;
  readonly reason: string;
}

/** What the port may cost over the bare client. */
export const GOAL = 1.2;

const round = (value: number): string => Math.round(value).toLocaleString('en');
const bytes = (value: number | undefined): string => (value === undefined ? '' : round(value));

/** What is over the goal, and what was not measured. */
export function formatSummary(results: readonly EngineResult[], skipped: readonly Skipped[]): string {
  const over = results.flatMap(({ engine, rows }) =>
    rows.filter(isOver).map(({ workload }) => `${engine} ${workload}`),
  );
  const measured = results.flatMap(({ rows }) => rows).length;
  return [
    ...skipped.map(({ engine, reason }) => `skipped ${engine}: ${reason}`),
    `goal: at most ${GOAL} times the bare client: ${measured - over.length} of ${measured} rows`,
    ...(over.length > 0 ? [`over: ${over.join('; ')}`] : []),
  ].join('\n');
}

const isOver = ({ ratio }: RowResult): boolean => ratio > GOAL;

/** Markdown, so that it can be pasted as it is. */
export function formatEngine({ engine, runsOn, rounds, rows, bytes: used, bareDoes }: EngineResult): string {
  const table = rows.map(({ workload, port, bare, ratio }) => [workload, round(port), round(bare), ratio.toFixed(2)]);
  const sizes: (readonly [string, number | undefined, number | undefined])[] = used
    ? [
        ['bytes per record', used.port.record, used.bare.record],
        ['bytes per event', used.port.event, used.bare.event],
      ]
    : [];
  for (const [name, port, bare] of sizes) {
    if (port === undefined || bare === undefined) continue;
    table.push([name, bytes(port), bytes(bare), (port / bare).toFixed(2)]);
  }
  const lines = alignedTable(['', 'port /s', 'bare /s', '×'], table);
  return [`### ${engine}, ${runsOn}`, '', ...lines, '', `Bare: ${bareDoes}. Medians of ${rounds} rounds.`, ''].join(
    '\n',
  );
}

function alignedTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, i) => Math.max(3, title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)];
}
