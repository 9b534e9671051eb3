import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly json: boolean;
  readonly help: boolean;
  /** Requests in flight at any moment. */
  readonly connections: number;
  /** How often every row is measured; the medians are reported. */
  readonly rounds: number;
  readonly blockMs: number;
  /** Calls before anything counts; the same for all, or the longer warmed would win. At least as many as tools. */
  readonly warmUpCalls: number;
}

export const HELP = `Usage: npm run bench:gateway -- [options]

Measures what a governed tools/call costs beside one of a bare SDK server, and whether it depends on the number of
tools. Exits with 1 when 1,000 tools cost more than 1.5 times as much as 10, with 2 when it could not measure.

  --quick            fewer and shorter blocks: about 40 seconds, for a first look
  --connections <n>  requests in flight [16]
  --json             the result as JSON instead of a table
  --help             this text

Progress goes to stderr. Read host/bench/README.md before comparing figures.`;

export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      connections: { type: 'string', default: '16' },
    },
  });
  const connections = Number(values.connections);
  // A caller may have 100 sessions, and every connection opens one.
  if (!Number.isInteger(connections) || connections < 1 || connections > 100)
    throw new Error(`--connections is "${values.connections}"; give a whole number from 1 to 100.`);
  const length = values.quick
    ? { rounds: 3, blockMs: 300, warmUpCalls: 1000 }
    : { rounds: 9, blockMs: 1000, warmUpCalls: 4000 };
  return { json: values.json, help: values.help, connections, ...length };
}
