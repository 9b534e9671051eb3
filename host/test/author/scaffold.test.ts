import { join } from 'node:path';
import { TEMPLATE_NAMES } from '@northstar/sdk/scaffold';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createTestHost } from '../../src/testing/index.ts';
import { lintFindings, typeErrors, unformatted } from './check-project.ts';
import { copyWorkspace, emptyFolder, installPacked, removeFolder } from './packed-packages.ts';
import { runNode, type Ended } from './run-command.ts';

// Compilers and linters run in here, beside the other tests.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const idOf = (template: string): string => `my_${template.replaceAll('-', '_')}`;
const ids = TEMPLATE_NAMES.map(idOf);

/** What the tests of every template go through, by the words of the conformance suite. */
const CONFORMANCE = [/ is found/, / answers its example/, / refuses arguments/, /GateChain/, /time is up/, /gives up/];

interface Place {
  readonly what: string;
  readonly prepare: (dir: string) => Promise<void>;
  /** Folder that the muscles' folders lie in, relative to where the command runs. */
  readonly muscles: string;
  /** Where compiler and linter find their settings. */
  readonly home: (dir: string, muscle: string) => string;
}

const PLACES: Place[] = [
  {
    what: 'in an empty folder, with our packages as npm would install them',
    prepare: installPacked,
    muscles: '.',
    home: (_dir, muscle) => muscle,
  },
  { what: 'in this workspace', prepare: copyWorkspace, muscles: 'plugins', home: (dir) => dir },
];

describe.each(PLACES)('create-muscle $what', ({ prepare, muscles, home }) => {
  let dir: string;
  const written: Ended[] = [];
  const muscle = (template: string): string => join(dir, muscles, idOf(template));

  beforeAll(async () => {
    dir = await emptyFolder('scaffold');
    await prepare(dir);
    const command = join(dir, 'node_modules/create-muscle/bin/create-muscle.js');
    for (const template of TEMPLATE_NAMES)
      written.push(await runNode(command, [idOf(template), '--template', template], dir));
  });
  afterAll(() => removeFolder(dir));

  test('[AUTHOR-03] the command writes every template, and ends with the two next commands', () => {
    expect(written.map(({ status, stderr }) => ({ status, stderr }))).toEqual(
      ids.map(() => ({ status: 0, stderr: '' })),
    );
    for (const { stdout } of written) expect(stdout).toMatch(/\nNext:\n {2}\S.+\n {2}npx northstar dev.*\n$/);
  });

  test.each(TEMPLATE_NAMES)('[AUTHOR-04] %s type-checks and lints as it stands', async (template) => {
    expect(typeErrors(muscle(template), home(dir, muscle(template)))).toEqual([]);
    expect(await lintFindings(muscle(template), home(dir, muscle(template)))).toEqual([]);
    // The workspace's own check looks at the format of every muscle in it.
    if (muscles === 'plugins') expect(await unformatted(muscle(template))).toEqual([]);
  });

  test('[AUTHOR-04] the tests of every template pass', async () => {
    const vitest = join(dir, 'node_modules/vitest/vitest.mjs');
    const { stdout } = await runNode(vitest, ['run', muscles, '--reporter=json'], dir);
    const { testResults } = JSON.parse(stdout) as {
      testResults: { name: string; status: string; message: string; assertionResults: { fullName: string }[] }[];
    };
    expect(testResults.map(({ status, message }) => ({ status, message }))).toEqual(
      ids.map(() => ({ status: 'passed', message: '' })),
    );
    for (const { name, assertionResults } of testResults) {
      const titles = assertionResults.map(({ fullName }) => fullName);
      for (const part of CONFORMANCE) expect(titles, name).toContainEqual(expect.stringMatching(part));
      expect(titles, 'tests of its own').toContainEqual(expect.not.stringMatching(/^muscle /));
    }
  });

  test.each(TEMPLATE_NAMES)('[AUTHOR-04] %s builds as it stands', async (template) => {
    const command = join(dir, 'node_modules/@northstar/sdk/bin/muscle.js');
    const { status, stdout, stderr } = await runNode(command, ['build', muscle(template)], dir);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/\ndigest {3}sha256:[0-9a-f]{64}\n/);
  });

  test('[AUTHOR-05] the host serves every template without a word of complaint', async () => {
    const host = await createTestHost({ plugins: [join(dir, muscles)], muscles: ids });
    expect(host.registry.statuses.map(({ id, state, diagnostics }) => ({ id, state, diagnostics }))).toEqual(
      [...ids].sort().map((id) => ({ id, state: 'active', diagnostics: [] })),
    );
    await host.close();
  });
});
