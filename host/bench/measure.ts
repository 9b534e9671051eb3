import type { BenchOptions } from './bench-options.ts';
import type { Row } from './bench-rows.ts';
import type { LoadResult } from './load-messages.ts';
import type { LoadProcess } from './load-process.ts';
import type { ServerProcess } from './server-process.ts';

/** One measured block of one row. */
export interface Block extends LoadResult {
  readonly cpuMicros: number;
}

export interface MeasureParts {
  readonly rows: readonly Row[];
  readonly servers: ReadonlyMap<string, ServerProcess>;
  readonly load: LoadProcess;
  readonly options: BenchOptions;
  readonly progress: (text: string) => void;
}

/** Blocks of every row, by key and round. */
export type Blocks = ReadonlyMap<string, readonly Block[]>;

/**
 * Measures every row once a round, so that a noisy minute hits all rows alike and ratios within a round hold. Every
 * second round goes backwards: drift within a round then cancels out.
 */
export async function measure({ rows, servers, load, options, progress }: MeasureParts): Promise<Blocks> {
  const runRow = async (row: Row, length: { durationMs: number; minRequests: number }): Promise<Block> => {
    const server = servers.get(row.server);
    if (server === undefined) throw new Error(`no server ${row.server}`);
    const { era, method, tools } = row;
    const job = { url: server.url + row.path, era, method, tools, connections: options.connections, ...length };
    const before = await server.cpuMicros();
    const result = await load.run(job);
    return { ...result, cpuMicros: ((await server.cpuMicros()) - before) / result.requests };
  };

  for (const row of rows) {
    progress(`warm up   ${row.label}`);
    // Models compile at their first use, so this calls every tool at least once. Lists need no such thing.
    const minRequests = row.method === 'tools/call' ? options.warmUpCalls : options.warmUpCalls / 10;
    await runRow(row, { durationMs: 0, minRequests });
  }
  const blocks = new Map<string, Block[]>(rows.map((row) => [row.key, []]));
  for (let round = 1; round <= options.rounds; round++) {
    progress(`round ${round} of ${options.rounds}`);
    for (const row of round % 2 === 0 ? [...rows].reverse() : rows)
      blocks.get(row.key)?.push(await runRow(row, { durationMs: options.blockMs, minRequests: 1 }));
  }
  return blocks;
}
