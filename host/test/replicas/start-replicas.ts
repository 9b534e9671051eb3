import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NORTHSTAR, ROOT } from '../acceptance/repository.ts';
import { httpClient, type HttpCall } from '../integration/support/http-client.ts';
import { freshSchema, POSTGRES_URL, runSql } from '../engines/test-postgres.ts';

export interface Replicas {
  /** Of each host by itself. */
  readonly hosts: readonly { readonly url: string; readonly call: HttpCall; readonly process: ChildProcess }[];
  /** Of the load balancer: every request goes to the next host in turn. */
  readonly url: string;
  readonly call: HttpCall;
  close(): Promise<void>;
}

export interface ReplicasOptions {
  /** Value of NORTHSTAR_HINTS; the control store carries the hints when absent. */
  readonly hints?: { readonly backend: string; readonly config: object };
  readonly muscles?: readonly string[];
}

export const HEADERS = { 'x-mode': 'lab', 'x-tenant-id': 't_acme', 'x-project-id': 'p_one', 'x-user-id': 'u_ann' };
/** Folder of the muscles that tests of several hosts call. */
export const MUSCLES = join(import.meta.dirname, 'muscles');
const COUNT = 3;
/** What a host keeps for its tenants, beside objects, which need another engine. */
const KINDS = [
  'tabular_store',
  'event_spine',
  'firearms_policy_store',
  'strategy_policy_store',
  'kpi_store',
  'budget_store',
];

/** Three hosts as processes of their own on one Postgres schema, behind a balancer that knows no sessions. */
export async function startReplicas({ hints, muscles = ['crowd'] }: ReplicasOptions = {}): Promise<Replicas> {
  const schema = freshSchema();
  const store = { backend: 'postgres', config: { url: POSTGRES_URL, schema, pool: 3 } };
  const folder = await mkdtemp(join(tmpdir(), 'northstar-replicas-'));
  const env = {
    PATH: process.env.PATH,
    NORTHSTAR_PORT: '0',
    NORTHSTAR_PLUGINS: MUSCLES,
    NORTHSTAR_CONTROL_STORE: JSON.stringify(store),
    ...(hints && { NORTHSTAR_HINTS: JSON.stringify(hints) }),
    ENABLED_MUSCLES: muscles.join(','),
  };
  const children: ChildProcess[] = [];
  const hosts = await Promise.all(
    Array.from({ length: COUNT }, async (_, index) => {
      const own = { ...env, NORTHSTAR_DATA_DIR: join(folder, `host-${index}`) };
      const child = spawn(process.execPath, [NORTHSTAR, 'serve'], {
        cwd: ROOT,
        env: own,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      children.push(child);
      const url = await readyAt(child);
      return { url, call: httpClient(url, HEADERS), process: child };
    }),
  );
  const balancer = await startBalancer(hosts.map(({ url }) => url));
  const url = `http://127.0.0.1:${(balancer.address() as AddressInfo).port}`;
  for (const resource_kind of KINDS) {
    const answer = await hosts[0]!.call('/routing/routes', {
      method: 'PUT',
      json: { resource_kind, mode: 'lab', ...store },
    });
    if (answer.status !== 200) throw new Error(`${resource_kind} was not routed: ${answer.text}`);
  }
  return {
    hosts,
    url,
    call: httpClient(url, HEADERS),
    close: async () => {
      balancer.closeAllConnections();
      balancer.close();
      await Promise.all(children.map(stop));
      await rm(folder, { recursive: true, force: true });
      await runSql(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    },
  };
}

function readyAt(child: ChildProcess): Promise<string> {
  let told = '';
  return new Promise((resolve, reject) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      told += chunk.toString();
      const url = /ready at (http:\/\/\S+)/.exec(told)?.[1];
      if (url) resolve(url);
    });
    child.once('exit', (code) => reject(new Error(`a host ended with ${code}: ${told}`)));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await ended;
}

/** Round robin over HTTP; a host that does not answer is passed over. */
async function startBalancer(targets: readonly string[]): Promise<Server> {
  let turn = 0;
  const server = createServer((req, res) => {
    const target = new URL(req.url ?? '/', targets[turn++ % targets.length]);
    const onward = request(target, { method: req.method, headers: { ...req.headers, host: target.host } }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      res.flushHeaders();
      answer.pipe(res);
    });
    onward.on('error', () => (res.headersSent ? res.destroy() : res.writeHead(502).end()));
    res.on('close', () => onward.destroy());
    req.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
