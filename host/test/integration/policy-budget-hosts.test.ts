import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { NORTHSTAR, ROOT } from '../acceptance/repository.ts';
import { describeEngine } from '../engines/describe-engine.ts';
import { freshSchema, POSTGRES_URL, runSql, whyUnreachable } from '../engines/test-postgres.ts';
import { codeOf, httpClient, type HttpCall } from './support/http-client.ts';

const HEADERS = { 'X-Mode': 'lab', 'X-Tenant-Id': 't_shared', 'X-Project-Id': 'p_test' };
const HOSTS = 3;
/** Without a price book a call costs 0.001 USD, so that half of the calls fit. */
const CALLS_THAT_FIT = 150;

await describeEngine('postgres with three hosts of one budget', whyUnreachable, () => {
  const schema = freshSchema();
  const processes: ChildProcess[] = [];
  let folder: string;
  let hosts: HttpCall[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'northstar-budget-'));
    const urls = await Promise.all(Array.from({ length: HOSTS }, (_, index) => serve(join(folder, `host-${index}`))));
    hosts = urls.map((url) => httpClient(url, HEADERS));
    const config = { url: POSTGRES_URL, schema, pool: 5 };
    const route = { resource_kind: 'budget_store', mode: 'lab', backend: 'postgres', config };
    for (const host of hosts) {
      const answer = await host('/routing/routes', { method: 'PUT', json: route });
      expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 200 });
    }
  });
  afterAll(async () => {
    const ended = processes.map((child) => once(child, 'exit'));
    for (const child of processes) child.kill();
    await Promise.all(ended);
    await rm(folder, { recursive: true, force: true });
    await runSql(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  });

  test(
    '[BUD-01] of a hundred calls at once on each of three processes not one runs over the budget',
    { timeout: 120_000 },
    async () => {
      const policy = { window: 'total', threshold: CALLS_THAT_FIT / 1000, currency: 'USD' };
      expect((await hosts[0]!('/budget/policy', { method: 'PUT', json: policy })).status).toBe(200);
      const answers = await Promise.all(hosts.flatMap((host) => Array.from({ length: 100 }, () => ping(host))));
      const other = answers.filter((code) => !['ok', 'budget.threshold_exceeded'].includes(code));
      // A busy machine may let the gate run out of time. That refuses a call, and must not let one through.
      expect(new Set(other).size <= 1 && other.every((code) => code === 'policy.unavailable')).toBe(true);
      let ran = answers.filter((code) => code === 'ok').length;
      expect(ran).toBeLessThanOrEqual(CALLS_THAT_FIT);
      await vi.waitFor(async () => expect(await standing()).toMatchObject({ reserved: 0 }), 10_000);
      while ((await ping(hosts[ran % HOSTS]!)) === 'ok') ran++;
      expect(ran).toBe(CALLS_THAT_FIT);
      await vi.waitFor(async () => expect(await standing()).toMatchObject({ spent: 0.15, reserved: 0 }), 10_000);
    },
  );

  const ping = async (host: HttpCall): Promise<string> => {
    const answer = await host('/tools/echo.ping', { json: { message: 'x' } });
    return codeOf(answer) ?? 'ok';
  };
  const standing = async () =>
    ((await hosts[1]!('/budget/policy')).json.policies as { spent: number; reserved: number }[])[0];

  /** Starts a host of its own process; resolves with its base URL. */
  async function serve(dataDir: string): Promise<string> {
    const env = {
      PATH: process.env.PATH,
      ENABLED_MUSCLES: 'echo',
      NORTHSTAR_PLUGINS: join(ROOT, 'plugins'),
      NORTHSTAR_PORT: '0',
      NORTHSTAR_DATA_DIR: dataDir,
    };
    const child = spawn(process.execPath, [NORTHSTAR, 'serve'], {
      cwd: folder,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    processes.push(child);
    return new Promise((resolve, reject) => {
      let told = '';
      child.stderr.on('data', (chunk: Buffer) => {
        told += chunk.toString();
        const ready = /ready at (\S+)/.exec(told)?.[1];
        if (ready !== undefined) resolve(ready);
      });
      child.once('exit', () => reject(new Error(`northstar serve ended: ${told}`)));
    });
  }
});
