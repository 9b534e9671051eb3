import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Report } from './report.ts';
import { STEPS } from './report.ts';

const SCRIPT = fileURLToPath(new URL('run.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MINUTES = 60_000;

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the script as a person would. It needs the built host, which `npm test` makes first. */
function runScript(...options: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--import', 'jiti/register', SCRIPT, ...options],
      { cwd: ROOT, maxBuffer: 16 * 1024 * 1024 },
      (_error, stdout, stderr) => resolve({ status: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

describe('[ENG-09] real MCP clients', () => {
  let ended: Ended;
  let report: Report;

  beforeAll(async () => {
    ended = await runScript('--json');
    if (!ended.stdout.startsWith('{')) throw new Error(`the script gave no report: ${ended.stderr}`);
    report = JSON.parse(ended.stdout) as Report;
  }, 6 * MINUTES);

  const failures = (client: string): string[] =>
    report.rows
      .filter((row) => row.client.startsWith(client))
      .flatMap((row) =>
        STEPS.flatMap((step) => {
          const result = row.steps[step];
          if (result === undefined)
            return row.transport === 'stdio' && step === 'bad client' ? [] : [`${step}: not run`];
          return result.ok ? [] : [`${row.client} over ${row.transport}, ${step}: ${result.detail}`];
        }),
      );

  it.each(['SDK client 1.32.2', 'SDK client 2.4.0, auto', 'SDK client 2.4.0, legacy'])(
    '%s: discovers, calls, is refused, is granted, calls again, over HTTP and stdio',
    (client) => {
      const rows = report.rows.filter((row) => row.client === client);
      expect(rows.map((row) => row.transport)).toEqual(['http', 'stdio']);
      expect(failures(client)).toEqual([]);
    },
  );

  it('both protocol eras were on the wire', () => {
    const revisions = new Set(report.rows.map((row) => row.steps.connect?.detail));
    expect(revisions).toContain('2025-11-25');
    expect(revisions).toContain('2026-07-28');
  });

  it('MCP Inspector: discovers, calls, is refused, is granted, calls again, over HTTP and stdio', (ctx) => {
    const [skipped] = report.skipped;
    if (skipped) return ctx.skip(skipped.reason);
    expect(report.rows.filter((row) => row.client.startsWith('Inspector'))).toHaveLength(2);
    expect(failures('Inspector')).toEqual([]);
  });

  it('the host stops orderly, keeps its folder to itself, and the script says that all is well', () => {
    expect(report.checks.filter((check) => !check.ok)).toEqual([]);
    expect(report.checks).toHaveLength(3);
    expect(ended.stderr).toBe('');
    expect({ ok: report.ok, status: ended.status }).toEqual({ ok: true, status: 0 });
  });
});

describe('the options of the script', () => {
  it('explains itself', async () => {
    const { status, stdout } = await runScript('--help');
    expect(status).toBe(0);
    expect(stdout).toContain('--without-inspector');
  });

  it('refuses an option that there is not, with status 2', async () => {
    const { status, stderr } = await runScript('--without-inspektor');
    expect(status).toBe(2);
    expect(stderr).toContain('Unknown option --without-inspektor');
  });
});
