import { parseArgs } from 'node:util';
import { startConformanceHost } from './conformance-host.ts';
import { report } from './report.ts';
import { REVISIONS } from './revisions.ts';
import { runSuite, whySuiteIsMissing } from './suite.ts';

const USAGE = 'Usage: npm run conformance -- [--revision REVISION] [--scenario NAME]';

/** Runs the suite for every revision that the host serves, and resolves with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const { revision, scenario } = readArguments(argv);
  const missing = await whySuiteIsMissing();
  if (missing !== undefined) throw new Error(missing);
  const revisions = REVISIONS.filter(({ id }) => revision === undefined || id === revision);
  if (revisions.length === 0) throw new Error(`Unknown revision. Known: ${REVISIONS.map(({ id }) => id).join(', ')}`);

  const host = await startConformanceHost();
  let conformant = true;
  try {
    for (const each of revisions) {
      const run = await runSuite(each, {
        url: host.url,
        ...(scenario !== undefined && { scenario }),
        progress: (line) => process.stderr.write(`${line}\n`),
      });
      process.stdout.write(`${report(run)}\n`);
      conformant &&= run.passed;
    }
  } finally {
    await host.close();
  }
  return conformant ? 0 : 1;
}

function readArguments(argv: readonly string[]): { revision?: string; scenario?: string } {
  try {
    return parseArgs({
      args: [...argv],
      options: { revision: { type: 'string' }, scenario: { type: 'string' } },
    }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${USAGE}`, { cause: error });
  }
}
