import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { EngineCaps } from '../engine-caps.ts';

const PAGE = join(import.meta.dirname, '../../../../docs/reference/stores.md');

/** What the reference calls an engine that says of itself what its suites ran against. */
const LABELS: Readonly<Record<EngineCaps['verified'], string>> = {
  real: 'real engine',
  emulator: 'emulator-verified',
  fake: 'fake-verified',
};

/** What routes call an engine whose suite has another name. */
const ENGINES: Readonly<Record<string, string>> = {
  ...{ sqlite: 'filesystem', files: 'filesystem' },
  'azure blob': 'azure_blob',
};

/** Fails when an engine promises what is no promise, or users read another label of it than it gives itself. */
export async function expectPromises(suite: string, { durability, verified }: EngineCaps): Promise<void> {
  expect(['fsync', 'replicated', 'process']).toContain(durability);
  const engine = ENGINES[suite] ?? suite;
  const row = (await readFile(PAGE, 'utf8')).split('\n').find((line) => line.startsWith(`| \`${engine}\` `));
  expect(row?.split('|').at(-2)?.trim()).toBe(LABELS[verified]);
}
