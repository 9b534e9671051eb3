import { parseArgs } from 'node:util';
import type { CompareOptions } from './compare.ts';

export interface StoreBenchOptions extends CompareOptions {
  readonly engines: readonly string[];
  readonly quick: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

export const HELP = `Usage: npm run bench:stores -- [options]

Measures what each engine costs through the host's ports beside its bare client library doing the same, in one run.
Exits with 2 when nothing could be measured. An engine that cannot be reached is listed with the reason.

  --engines <a,b>  only these
  --quick          fewer and shorter rounds, for a first look
  --json           the result as JSON instead of tables
  --help           this text

Progress goes to stderr. Read host/bench/stores/README.md before comparing figures.`;

export function readStoreOptions(args: readonly string[], known: readonly string[]): StoreBenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      engines: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const engines = values.engines?.split(',').map((name) => name.trim()) ?? known;
  const stranger = engines.find((name) => !known.includes(name));
  if (stranger !== undefined) throw new Error(`There is no engine "${stranger}"; use ${known.join(', ')}.`);
  const length = values.quick ? { rounds: 7, blockMs: 60 } : { rounds: 15, blockMs: 120 };
  const { quick, json, help } = values;
  return { engines, quick, json, help, ...length };
}
