import { afterAll, beforeAll, expect, test } from 'vitest';
import { httpClient, type HttpCall } from './support/http-client.ts';
import { startIssuer } from './support/issuer.ts';
import { callTool, initialize } from './support/mcp-rpc.ts';
import { expectNoUnhandledRejections, startProbeHost, type ProbeHost } from './support/probe-host.ts';

let host: ProbeHost;
let http: HttpCall;
let shown: Map<string, number>;
let text: string;
expectNoUnhandledRejections();

beforeAll(async () => {
  host = await startProbeHost();
  http = httpClient(host.url, { ...host.headers, 'X-Tenant-Id': 't_canary', 'X-User-Id': 'u_canary' });
  for (let i = 0; i < 3; i++) await http('/tools/probe.echo', { json: {} });
  await callTool(http, 'probe.echo');
  await http('/tools/probe.thing', { json: { thing_id: 7 } });
  await http('/tools/probe.refuse', { json: { code: 'probe.made_up_by_a_muscle', message: 'no' } });
  await http('/tools/canary.nothing', { json: {} });
  await http('/tools/probe.echo', { json: {}, headers: { 'X-Mode': 'canary' } });
  await initialize(http);
  const json = { target: 'scope', id: 'probe.plain', engaged: true, reason: 'test' };
  await http('/admin/kill-switch', { method: 'PUT', json });
  await http('/tools/probe.plain', { json: {} });
  ({ text } = await http('/metrics'));
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  shown = new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
});
afterAll(() => host.close());

test.each([
  ['northstar_calls_total{scope="probe.echo",code="ok"}', 4],
  ['northstar_calls_total{scope="probe.thing",code="validation.failed"}', 1],
  ['northstar_calls_total{scope="probe.plain",code="kill_switch.engaged"}', 1],
  ['northstar_gate_denials_total{gate="kill_switch",code="kill_switch.engaged"}', 1],
  ['northstar_gate_denials_total{gate="validation",code="validation.failed"}', 1],
  ['northstar_decisions_recorded_total{decision="deny"}', 2],
  ['northstar_decisions_unrecorded_total', 0],
  ['northstar_requests_refused_total{code="scope.not_found"}', 1],
  ['northstar_requests_refused_total{code="context.invalid_mode"}', 1],
  ['northstar_call_duration_seconds_count{transport="mcp"}', 1],
  ['northstar_call_duration_seconds_bucket{transport="mcp",le="+Inf"}', 1],
  ['northstar_calls_in_flight', 0],
  ['northstar_sessions', 1],
  ['northstar_muscles{state="active"}', 2],
  ['northstar_muscles{state="failed"}', 0],
])('[OBS-01] %s is %d', (series, value) => {
  expect(shown.get(series)).toBe(value);
});

test('[OBS-01] no label holds what a caller or a muscle made up', () => {
  expect(text).not.toContain('canary');
  expect(text).not.toContain('made_up');
  expect([...shown.keys()].filter((series) => series.includes('scope="probe.refuse"'))).toHaveLength(1);
});

test('[OBS-01] every line is a comment or a sample of the text format, and every name is described once', async () => {
  const answer = await http('/metrics');
  expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  const sample = /^[a-z_]+(\{[a-z_]+="[^"\n]*"(,[a-z_]+="[^"\n]*")*\})? [0-9.e+-]+$/;
  const lines = answer.text.trimEnd().split('\n');
  expect(lines.filter((line) => !line.startsWith('# ') && !sample.test(line))).toEqual([]);
  const types = lines.filter((line) => line.startsWith('# TYPE'));
  expect(new Set(types).size).toBe(types.length);
});

test('[OBS-01] where callers authenticate, only operators see it', async () => {
  const issuer = await startIssuer();
  const guarded = await startProbeHost({ env: issuer.env });
  const as = async (roles: string[]) =>
    httpClient(guarded.url, {
      'X-Mode': 'lab',
      'X-Project-Id': 'p_test',
      Authorization: `Bearer ${await issuer.sign({ roles })}`,
    })('/metrics');
  expect((await as([])).status).toBe(403);
  expect((await as(['operator'])).status).toBe(200);
  expect((await fetch(`${guarded.url}/metrics`)).status).toBe(401);
  await guarded.close();
  await issuer.close();
});
