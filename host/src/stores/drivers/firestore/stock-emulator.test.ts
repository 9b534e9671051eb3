import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const config = fileURLToPath(
  new URL('../../../../test/engines/firestore-emulator/stock.vitest.config.ts', import.meta.url),
);
const vitest = fileURLToPath(new URL('../../../../../node_modules/vitest/vitest.mjs', import.meta.url));

/** A negative control: a contract that the emulator passes as it comes would prove nothing about conditions. */
it('[STORE-03] fails the contract on the emulator as it comes, which ignores conditions', async () => {
  const options = { maxBuffer: 64 * 1024 * 1024 };
  const args = [vitest, 'run', '--config', config, '--reporter=json', '-t', 'STORE-03'];
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, options, (_error, stdout) => resolve(stdout));
  });
  const report = JSON.parse(output.slice(output.indexOf('{"'))) as {
    testResults: { assertionResults: { title: string; status: string }[] }[];
  };
  const results = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = results.filter(({ status }) => status === 'failed').map(({ title }) => title);
  expect(failed).toContain('[STORE-03] replaces at the current version and refuses a stale one');
  expect(failed).toContain('[STORE-03] loses no increment of racing writers');
  // It does know "create if absent": the suite ran against a working engine.
  expect(results).toContainEqual(
    expect.objectContaining({ title: '[STORE-03] creates with ifVersion "absent" once', status: 'passed' }),
  );
}, 90_000);
