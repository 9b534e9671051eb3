import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeOf, httpClient, type HttpCall } from './support/http-client.ts';
import { callTool, initialize, inSession } from './support/mcp-rpc.ts';
import { expectNoUnhandledRejections, startProbeHost, type ProbeHost } from './support/probe-host.ts';

let host: ProbeHost;
let http: HttpCall;
expectNoUnhandledRejections();
beforeAll(async () => {
  host = await startProbeHost();
  http = httpClient(host.url, host.headers);
});
afterAll(() => host.close());

const flip = (by: HttpCall, target: object, engaged: boolean) =>
  by('/admin/kill-switch', { method: 'PUT', json: { ...target, engaged, reason: 'drill' } });

const SWITCHES = [
  { target: { target: 'all' }, spared: undefined },
  { target: { target: 'tenant', id: 't_test' }, spared: { tenant: 't_spared', scope: 'probe.echo' } },
  { target: { target: 'muscle', id: 'probe' }, spared: { tenant: 't_test', scope: 'neighbour.facts' } },
  { target: { target: 'scope', id: 'probe.echo' }, spared: { tenant: 't_test', scope: 'probe.plain' } },
];

test.each(SWITCHES)('[POL-04] $target stops the next call on every surface and lets it go again', async (entry) => {
  const { session } = await initialize(http);
  expect((await flip(http, entry.target, true)).status).toBe(200);
  try {
    const plain = await http('/tools/probe.echo', { json: {} });
    expect({ status: plain.status, code: codeOf(plain), gate: plain.json.error.gate }).toEqual({
      status: 403,
      code: 'kill_switch.engaged',
      gate: 'kill_switch',
    });
    expect(plain.json.error.message).toContain('drill');
    expect((await callTool(http, 'probe_echo')).rpc.error.code).toBe(403);
    expect(
      (await inSession({ http, session: session ?? '' }, 'tools/call', { name: 'probe.echo' })).rpc.error.code,
    ).toBe(403);
    expect((await http('/probe/echo', { json: {} })).status).toBe(403);
    if (entry.spared) {
      const { tenant, scope } = entry.spared;
      const answer = await http(`/tools/${scope}`, { json: {}, headers: { 'X-Tenant-Id': tenant } });
      expect(answer.status).toBe(200);
    }
  } finally {
    await flip(http, entry.target, false);
  }
  expect((await http('/tools/probe.echo', { json: {} })).status).toBe(200);
});

test('[POL-04] a switch outlives a restart', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'northstar-restart-'));
  try {
    const first = await startProbeHost({ dataDir });
    await flip(httpClient(first.url, first.headers), { target: 'muscle', id: 'probe' }, true);
    await first.close();
    const second = await startProbeHost({ dataDir });
    const call = httpClient(second.url, second.headers);
    expect(codeOf(await call('/tools/probe.echo', { json: {} }))).toBe('kill_switch.engaged');
    expect((await call('/admin/kill-switch')).json.switches).toEqual([expect.objectContaining({ id: 'probe' })]);
    await second.close();
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});

test.each([
  { target: 'muscle', engaged: true, reason: 'x' },
  { target: 'everything', engaged: true, reason: 'x' },
  { target: 'all', engaged: 'true', reason: 'x' },
  { target: 'all', engaged: true },
  { target: 'all', engaged: true, reason: '' },
  { target: 'scope', id: 'a\nb', engaged: true, reason: 'x' },
])('[POL-04] the switch %o is refused', async (json) => {
  const answer = await http('/admin/kill-switch', { method: 'PUT', json });
  expect(answer.status).toBe(400);
});
