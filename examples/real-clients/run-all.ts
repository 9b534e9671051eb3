import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BadClient } from './bad-client.ts';
import type { ClientSession, RealClient, Target } from './client-session.ts';
import { findInspector } from './clients/find-inspector.ts';
import { inspectorCli } from './clients/inspector-cli.ts';
import { v1Sdk } from './clients/v1-sdk.ts';
import { v2Auto, v2Legacy } from './clients/v2-client.ts';
import { HttpHost, IDENTITY, stdioTarget } from './host-process.ts';
import { Operator } from './operator.ts';
import type { Options } from './options.ts';
import { attempt, Row, STEPS, type Check, type Report, type StepName } from './report.ts';
import { runCommand } from './run-command.ts';
import { afterGrant, beforeGrant, connect, refusedAsResult } from './scenario.ts';

/**
 * HTTP first, and stdio on the same data folder after it, because a data folder takes one host at a time. The grants
 * for the stdio callers are made over HTTP in between, as an operator would.
 */
export async function runAll(folder: string, options: Options): Promise<Report> {
  const dataDir = join(folder, 'data');
  const home = join(folder, 'home');
  await mkdir(home);
  const { clients, skipped } = await chooseClients(home, options);
  const checks: Check[] = [];
  const check = async (name: string, run: () => Promise<string>): Promise<void> => {
    checks.push({ name, ...(await attempt(run)) });
  };

  const http = await runHttp(clients, dataDir, check);
  const visits = clients.map((client) => ({
    client,
    row: new Row(client.name, 'stdio'),
    userId: `u_${client.id}_stdio`,
  }));
  for (const { row, client, userId } of visits) await stdioBefore(row, client, dataDir, userId);
  await check('the firearm is granted over HTTP to the stdio callers', async () => {
    const host = await HttpHost.start(dataDir);
    for (const { userId } of visits) await new Operator(host.url).grantFirearm(userId);
    await host.stop();
    return 'granted, host stopped';
  });
  for (const { row, client, userId } of visits) await stdioAfter(row, client, dataDir, userId);

  const rows = [...http, ...visits.map(({ row }) => row)];
  const passed = rows.every((row) => stepsOf(row).every((step) => row.steps[step]?.ok === true));
  return { ok: passed && checks.every((entry) => entry.ok), rows, checks, skipped };
}

async function chooseClients(home: string, options: Options) {
  const clients: RealClient[] = [v1Sdk, v2Auto, v2Legacy];
  const skip = (reason: string) => ({ clients, skipped: [{ client: 'MCP Inspector CLI', reason }] });
  if (!options.inspector) return skip('left out with --without-inspector');
  const found = await findInspector(home);
  if ('reason' in found) return skip(found.reason);
  return { clients: [...clients, inspectorCli(found, home)], skipped: [] };
}

async function runHttp(
  clients: readonly RealClient[],
  dataDir: string,
  check: (name: string, run: () => Promise<string>) => Promise<void>,
): Promise<Row[]> {
  const host = await HttpHost.start(dataDir);
  const operator = new Operator(host.url);
  const badClient = new BadClient(host.url);
  await operator.bindFirearm();
  const connectionUrl = new URL(await operator.makeConnection(), host.url).href;
  const rows: Row[] = [];
  for (const client of clients) {
    const row = new Row(client.name, 'http');
    rows.push(row);
    const userId = `u_${client.id}_http`;
    const headers = { ...IDENTITY, 'x-user-id': userId };
    const session = await connect(row, client, { transport: 'http', url: `${host.url}/mcp`, headers });
    if (session === undefined) continue;
    await beforeGrant(row, session);
    await refusedAsResult(row, client, { transport: 'http', url: connectionUrl, headers: {} });
    await row.step('bad client', async () => {
      const done = await badClient.misbehave();
      await operator.checkServing();
      return done;
    });
    await operator.grantFirearm(userId);
    await afterGrant(row, session);
    await session.close();
  }
  await check('a second host on the same data folder is refused', () => secondHost(dataDir));
  await check('the host stops orderly while streams are open', async () => {
    await host.stop();
    return 'status 0';
  });
  badClient.leave();
  return rows;
}

async function stdioBefore(row: Row, client: RealClient, dataDir: string, userId: string): Promise<void> {
  await during(row, client, stdioTarget(dataDir, userId), (session) => beforeGrant(row, session));
  await refusedAsResult(row, client, stdioTarget(dataDir, userId, { NORTHSTAR_ERROR_STYLE: 'result' }));
}

function stdioAfter(row: Row, client: RealClient, dataDir: string, userId: string): Promise<void> {
  return during(row, client, stdioTarget(dataDir, userId), (session) => afterGrant(row, session));
}

async function during(
  row: Row,
  client: RealClient,
  target: Target,
  run: (session: ClientSession) => Promise<void>,
): Promise<void> {
  const session = await connect(row, client, target);
  if (session === undefined) return;
  try {
    await run(session);
  } finally {
    await session.close();
  }
}

/** What a person sees who starts a stdio host while the HTTP host has the folder. */
async function secondHost(dataDir: string): Promise<string> {
  const target = stdioTarget(dataDir, 'u_second');
  assert.ok(target.transport === 'stdio');
  const { command, args, env } = target;
  const { status, stdout, stderr } = await runCommand(command, args, { cwd: dataDir, env, timeoutMs: 30_000 });
  assert.equal(status, 1, stderr);
  assert.equal(stdout, '', 'stdout is for protocol messages only');
  assert.match(stderr, /is in use by another northstar process/);
  return 'status 1, and stderr says why';
}

/** The steps that a row must have passed: over stdio every process has one client, so nobody can disturb it. */
function stepsOf(row: Row): StepName[] {
  return STEPS.filter((step) => step !== 'bad client' || row.transport === 'http');
}
