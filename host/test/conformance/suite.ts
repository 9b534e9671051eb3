import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npx } from './npx.ts';
import { readResults, type ScenarioResult } from './results.ts';
import type { Revision } from './revisions.ts';

const VERSION = '0.2.0-alpha.12';
/** The suite needs a newer Node than the host, so it brings its own. */
const PACKAGES = ['node@24', `@modelcontextprotocol/conformance@${VERSION}`];

const INSTALL_TIMEOUT_MS = 180_000;
const RUN_TIMEOUT_MS = 300_000;

export interface SuiteRun {
  readonly revision: Revision;
  readonly passed: boolean;
  /** Why not, in a few words each. */
  readonly reasons: readonly string[];
  readonly scenarios: readonly ScenarioResult[];
}

export interface SuiteOptions {
  readonly url: string;
  /** Only this scenario, for authors; then there is no floor. */
  readonly scenario?: string;
  readonly progress?: (line: string) => void;
}

/** Fetches the suite unless npm has it. Gives the reason when neither cache nor registry has it, or nothing. */
export async function whySuiteIsMissing(): Promise<string | undefined> {
  return inTempFolder(async (cwd) => {
    const options = { packages: PACKAGES, cwd, timeoutMs: INSTALL_TIMEOUT_MS };
    const { code, output } = await npx(['conformance', '--version'], options);
    if (code === 0 && output.includes(VERSION)) return undefined;
    const said = output.filter((line) => /^npm (error|ERR!)/.test(line)).slice(0, 3);
    return `npx could not get ${PACKAGES.join(' and ')}: ${said.join(' ') || `exit code ${code ?? 'none, timed out'}`}`;
  });
}

/** Runs the suite for one revision against a server, and judges the outcome. */
export async function runSuite(revision: Revision, options: SuiteOptions): Promise<SuiteRun> {
  const { url, scenario } = options;
  const select = scenario === undefined ? revision.select : ['--scenario', scenario, '--spec-version', revision.id];
  return inTempFolder(async (cwd) => {
    const { code, output } = await npx(['conformance', 'server', '--url', url, ...select, '-o', join(cwd, 'out')], {
      packages: PACKAGES,
      cwd,
      timeoutMs: RUN_TIMEOUT_MS,
      onLine: (line) => {
        const name = /^=== Running scenario: (.+) ===$/.exec(line)?.[1];
        if (name !== undefined) options.progress?.(`${revision.id} ${name}`);
      },
    });
    const scenarios = await readResults(join(cwd, 'out'), output);
    const reasons = [
      ...(code === 0 ? [] : [`the suite ended with ${code === undefined ? 'a signal' : `exit code ${code}`}`]),
      ...(scenario === undefined ? shortfalls(scenarios, revision) : []),
    ];
    // Without a single scenario the suite itself refused to start, and says why.
    if (code !== 0 && scenarios.length === 0) reasons.push(...output.filter((line) => !line.startsWith('npm warn')));
    return { revision, passed: reasons.length === 0, reasons, scenarios };
  });
}

function shortfalls(scenarios: readonly ScenarioResult[], { floor, held }: Revision): string[] {
  const passed = scenarios.filter(({ scored }) => scored).reduce((sum, result) => sum + result.passed, 0);
  const lost = held.filter((name) => !scenarios.some((result) => result.name === name && isClean(result)));
  return [
    ...(passed >= floor ? [] : [`${passed} required checks passed, ${floor} should`]),
    ...lost.map((name) => `${name} is not scored, but must pass here`),
  ];
}

function isClean({ passed, failed, warnings }: ScenarioResult): boolean {
  return passed > 0 && failed === 0 && warnings === 0;
}

async function inTempFolder<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'northstar-conformance-'));
  try {
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
