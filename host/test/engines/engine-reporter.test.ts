import { expect, test } from 'vitest';
import { engineReport } from './engine-reporter.ts';

const suite = (name: string, states: readonly string[]) => ({
  name,
  children: { allTests: () => states.map((state) => ({ result: () => ({ state }) })) },
});
const report = (...suites: object[]) => engineReport([{ children: { suites: () => suites } }] as never);

test('[STORE-08] the end of a run names the engines that ran, and those that were skipped with the reason', () => {
  const text = report(
    suite('engine postgres', ['passed', 'passed', 'skipped']),
    suite('engine postgres faults', ['failed']),
    suite('engine nats (skipped: no NATS with JetStream (refused))', ['skipped']),
    suite('some other suite', ['passed']),
  );
  expect(text?.split('\n').map((line) => line.trim())).toEqual([
    'Engines',
    'nats         SKIPPED: no NATS with JetStream (refused)',
    'postgres     ran 3 tests, 1 FAILED',
  ]);
});

test('[STORE-08] a run without engines says nothing about them', () => {
  expect(report(suite('some other suite', ['passed']))).toBeUndefined();
});
