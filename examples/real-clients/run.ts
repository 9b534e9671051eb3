import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endChildProcesses } from './child-processes.ts';
import { readOptions, USAGE, type Options } from './options.ts';
import { formatReport } from './report.ts';
import { runAll } from './run-all.ts';

process.exitCode = await main();

async function main(): Promise<number> {
  let options: Options;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const folder = await mkdtemp(join(tmpdir(), 'northstar-real-clients-'));
  process.once('exit', endChildProcesses);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  try {
    const report = await runAll(folder, options);
    process.stdout.write(`${options.json ? JSON.stringify(report, null, 2) : formatReport(report)}\n`);
    return report.ok ? 0 : 1;
  } catch (error) {
    process.stderr.write(`FAILED ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    endChildProcesses();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
