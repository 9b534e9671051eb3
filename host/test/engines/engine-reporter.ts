import type { Reporter, TestModule, TestSuite } from 'vitest/node';

interface Tally {
  tests: number;
  failed: number;
  /** By suite that was skipped as a whole. */
  readonly reasons: Set<string>;
}

const SUITE = /^engine (\S+).*?(?:\(skipped: (.*)\))?$/;

/** Says at the end of a run which engines it ran against and which it skipped, and why. */
export class EngineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const report = engineReport(modules);
    if (report !== undefined) process.stdout.write(`\n${report}\n`);
  }
}

/** Undefined when no engine was among what ran. */
export function engineReport(modules: readonly Pick<TestModule, 'children'>[]): string | undefined {
  const tallies = new Map<string, Tally>();
  for (const module of modules) for (const suite of module.children.suites()) count(suite, tallies);
  if (tallies.size === 0) return undefined;
  const names = [...tallies.keys()].sort();
  const lines = names.map((name) => `  ${name.padEnd(12)} ${describeTally(tallies.get(name)!)}`);
  return ['Engines', ...lines].join('\n');
}

function count(suite: TestSuite, tallies: Map<string, Tally>): void {
  const [, engine, reason] = SUITE.exec(suite.name) ?? [];
  if (engine === undefined) return;
  const tally = tallies.get(engine) ?? { tests: 0, failed: 0, reasons: new Set<string>() };
  tallies.set(engine, tally);
  if (reason !== undefined) {
    tally.reasons.add(reason);
    return;
  }
  for (const test of suite.children.allTests()) {
    const { state } = test.result();
    if (state === 'passed' || state === 'failed') tally.tests += 1;
    if (state === 'failed') tally.failed += 1;
  }
}

function describeTally({ tests, failed, reasons }: Tally): string {
  const ran = tests > 0 ? [`ran ${tests} tests${failed > 0 ? `, ${failed} FAILED` : ''}`] : [];
  const skipped = [...reasons].map((reason) => `SKIPPED: ${reason}`);
  const parts = [...ran, ...skipped];
  return parts.length > 0 ? parts.join('; ') : 'no test ran';
}
