import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { httpClient, type HttpCall } from '../integration/support/http-client.ts';
import { startIssuer, type Issuer } from '../integration/support/issuer.ts';
import { callTool, initialize, inSession, modern } from '../integration/support/mcp-rpc.ts';
import { expectNoUnhandledRejections, startProbeHost, type ProbeHost } from '../integration/support/probe-host.ts';

const SECRET = 'hunter2';
let issuer: Issuer;
let host: ProbeHost;
let http: HttpCall;
let token: string;
expectNoUnhandledRejections();
beforeAll(async () => {
  issuer = await startIssuer();
  host = await startProbeHost({ env: issuer.env });
  token = await issuer.sign({ roles: ['operator'] });
  http = httpClient(host.url, { 'X-Mode': 'lab', 'X-Project-Id': 'p', Authorization: `Bearer ${token}` });
});
afterAll(async () => {
  await host.close();
  await issuer.close();
});

const FAILURES = [
  ...['error', 'code', 'text', 'cycle', 'nothing'].map((how) => ({ scope: 'probe.crash', args: { how } })),
  ...['getter', 'cyclic', 'bigint'].map((how) => ({ scope: 'probe.refuse', args: { how } })),
  ...['getter', 'function', 'bigint', 'cyclic'].map((what) => ({ scope: 'probe.answer', args: { what } })),
  { scope: 'probe.wrong', args: {} },
  { scope: 'probe.lie', args: { lie: 'unopenable' } },
  { scope: 'probe.lie', args: { lie: 'midway' } },
];

test.each(FAILURES)('[SEC-11] nothing of a failure of $scope $args reaches a caller', async ({ scope, args }) => {
  const { session } = await initialize(http);
  const call = { name: scope, arguments: args };
  const answers = await Promise.all([
    http(`/tools/${scope}`, { json: args }).catch(() => ({ status: 502, text: '' })),
    callTool(http, scope, args),
    inSession({ http, session: session ?? '' }, 'tools/call', call),
  ]);
  for (const answer of answers) {
    expect(answer.text).not.toContain(SECRET);
    expect(answer.text).not.toMatch(/at .*\.ts:\d+|node_modules|Maximum call stack/);
  }
  const [, stateless, stateful] = answers;
  expect(stateless.rpc.error.data.error.request_id).toMatch(/^req_/);
  expect(stateful.rpc.error.data.error.request_id).toMatch(/^req_/);
});

test('[SEC-11] a resource whose bytes fail to open tells nothing either', async () => {
  const answer = await modern(http, 'resources/read', { uri: 'probe://broken' });
  expect(answer.text).not.toContain(SECRET);
  expect(answer.rpc.error.data.error.code).toBe('internal');
});

test.each(['/tools/probe.facts'])('[SEC-12] the bearer token is not in anything a muscle can reach', async (path) => {
  const parts = token.split('.');
  const { all } = (await http(path, { json: {} })).json;
  for (const part of [token, ...parts, 'Bearer', 'authorization']) expect(all).not.toContain(part);
  const overMcp = (await callTool(http, 'probe.facts')).rpc.result.structuredContent.all;
  for (const part of [token, ...parts, 'Bearer', 'authorization']) expect(overMcp).not.toContain(part);
});

test('[SEC-12] the environment of the host is not in the context either', async () => {
  const { all } = (await http('/tools/probe.facts', { json: {} })).json;
  expect(all).not.toContain(process.env.PATH);
  expect(all).not.toContain(host.config.dataDir);
});

test('[SEC-12] neither logs nor data files hold the token or the arguments of a call', async () => {
  const canary = 'canary-argument-5f2c';
  await http('/tools/probe.echo', { json: { marker: canary } });
  await http('/tools/probe.typed', { json: { marker: 7, [canary]: canary } });
  await callTool(http, 'probe.echo', { marker: canary });
  await httpClient(host.url, { Authorization: `Bearer ${token}x` })('/tools');
  const signature = token.split('.')[2] ?? token;
  for (const line of host.logged) {
    expect(line).not.toContain(signature);
    expect(line).not.toContain(canary);
  }
  for (const content of await dataFiles()) {
    expect(content.includes(signature)).toBe(false);
    expect(content.includes(canary)).toBe(false);
  }
});

async function dataFiles(): Promise<string[]> {
  const files = await readdir(host.config.dataDir, { recursive: true, withFileTypes: true });
  return Promise.all(
    files
      .filter((file) => file.isFile() && !file.parentPath.includes('cache'))
      .map((file) => readFile(join(file.parentPath, file.name), 'latin1')),
  );
}
