import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqlite } from '../../src/stores/drivers/sqlite/open-sqlite.ts';
import { createTestHost, type TestHost } from '../../src/testing/index.ts';
import { NORTHSTAR, PLUGINS, ROOT } from './repository.ts';

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'northstar-audit-'));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

const start = (): Promise<TestHost> => createTestHost({ plugins: [PLUGINS], muscles: ['echo'], dataDir });

function verify(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const env = { PATH: process.env.PATH, NORTHSTAR_DATA_DIR: dataDir };
  return new Promise((resolve) =>
    execFile(process.execPath, [NORTHSTAR, 'audit', 'verify', ...args], { cwd: ROOT, env }, (error, stdout, stderr) =>
      resolve({ status: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    ),
  );
}

test('[AUDIT-03] the chain of every tenant verifies, in the host and from the command line, and an edit is named', async () => {
  const host = await start();
  for (const tenant of ['t_a', 't_b'])
    for (let i = 0; i < 3; i++)
      await fetch(`${host.url}/tools/echo.ping`, {
        method: 'POST',
        headers: { ...host.headers, 'X-Tenant-Id': tenant },
      });
  const page = await fetch(`${host.url}/audit?limit=2`, { headers: { ...host.headers, 'X-Tenant-Id': 't_a' } });
  expect(await page.json()).toMatchObject({
    records: [{ type: 'audit.decision', data: { action: 'echo.ping' } }, {}],
    more: true,
  });
  const live = await fetch(`${host.url}/audit/verify`, { headers: { ...host.headers, 'X-Tenant-Id': 't_a' } });
  expect(await live.json()).toMatchObject({ tenant_id: 't_a', ok: true });
  const locked = await verify();
  expect(locked.status).toBe(1);
  expect(locked.stderr).toContain('GET /audit/verify');
  await host.close();

  const whole = await verify('--json');
  expect(whole.status).toBe(0);
  expect(JSON.parse(whole.stdout)).toMatchObject({
    tenants: [
      { tenant_id: 't_a', ok: true, records: 6 },
      { tenant_id: 't_b', ok: true },
    ],
  });

  const engine = await openSqlite(dataDir);
  engine.db.exec(
    `UPDATE events SET data = replace(data, 'echo.ping', 'echo.pong') WHERE tenant = 't_b' AND stream = 'audit/lab' AND seq = 2`,
  );
  engine.close();
  const broken = await verify();
  expect(broken.status).toBe(1);
  expect(broken.stdout).toContain('t_a  lab  whole');
  expect(broken.stdout).toContain('t_b  lab  BROKEN at record 2');
});
