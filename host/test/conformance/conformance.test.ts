import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startConformanceHost, type ConformanceHost } from './conformance-host.ts';
import { report } from './report.ts';
import { REVISIONS } from './revisions.ts';
import { runSuite, whySuiteIsMissing } from './suite.ts';

/** Long enough for npm to fetch the suite and the Node it needs. */
const PREPARE_MS = 240_000;
const RUN_MS = 300_000;

const REQUIREMENTS = new Map([
  ['2026-07-28', '[MCP-01]'],
  ['2025-11-25', '[MCP-02]'],
  ['2025-06-18', '[MCP-03]'],
]);

describe('the official MCP conformance suite', () => {
  let missing: string | undefined;
  let host: ConformanceHost | undefined;

  beforeAll(async () => {
    missing = await whySuiteIsMissing();
    if (missing === undefined) host = await startConformanceHost();
    else process.stderr.write(`Conformance is not tested: ${missing}\n`);
  }, PREPARE_MS);
  afterAll(() => host?.close());

  for (const revision of REVISIONS)
    it(
      `${REQUIREMENTS.get(revision.id)} passes for ${revision.id}`,
      async (test) => {
        if (host === undefined) return test.skip(missing ?? 'the host did not start');
        const run = await runSuite(revision, { url: host.url });
        expect(run.passed, report(run)).toBe(true);
      },
      RUN_MS,
    );
});
