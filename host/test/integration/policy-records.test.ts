import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '@northstar/sdk';
import { openEmbeddedStores, type EmbeddedStores } from '../../src/stores/open-embedded-stores.ts';
import { httpClient } from './support/http-client.ts';
import { callTool } from './support/mcp-rpc.ts';
import { expectNoUnhandledRejections, startProbeHost } from './support/probe-host.ts';

/** One host makes every kind of decision and is closed; the tests read what it left in its data folder. */
let dataDir: string;
let stores: EmbeddedStores;
const CANARY = 'canary-argument-77';
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
expectNoUnhandledRejections();

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'northstar-records-'));
  const host = await startProbeHost({ dataDir });
  const http = httpClient(host.url, {
    ...host.headers,
    'X-User-Id': 'u_ann',
    'X-Run-Id': 'run_1',
    'X-Step-Id': 'step_1',
    traceparent: TRACE,
  });
  const id = (name: string) => ({ headers: { 'X-Request-Id': `req_${name}` } });
  await http('/tools/probe.echo', { json: { marker: CANARY }, ...id('allow') });
  await http('/tools/probe.thing', { json: { thing_id: 'thing_1', note: CANARY }, ...id('subject') });
  await http('/tools/probe.thing', { json: { thing_id: 7, note: CANARY }, ...id('invalid') });
  await http('/actions/execute', {
    json: {
      action: 'probe.thing',
      subject_type: 'probe_thing',
      subject_id: 'innocent',
      arguments: { thing_id: 'guilty' },
    },
    ...id('smuggled'),
  });
  await http('/actions/execute', {
    json: { action: 'probe.echo', subject_type: 'order', subject_id: 'order_1', arguments: {} },
    ...id('stated'),
  });
  await http('/tools/probe.crash', { json: { how: 'code' }, ...id('crash') });
  await http('/tools/probe.ask_gate', { json: { action: 'probe.finer', subject_id: 'thing_2' }, ...id('finer') });
  await callTool(http, 'probe.echo', { marker: CANARY }, id('mcp'));
  await http('/tools/nobody.knows', { json: {}, ...id('unknown') });
  const json = { tool_id: 'probe', scope_name: 'probe.thing', license_types: ['lic'] };
  await http('/firearms/bindings', { method: 'PUT', json });
  await http('/tools/probe.thing', { json: { thing_id: 'thing_1', note: CANARY }, ...id('deny') });
  await host.close();
  stores = await openEmbeddedStores(dataDir);
});
afterAll(async () => {
  await stores.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function records(stream: string): Promise<(JsonObject & { type: string })[]> {
  const { events } = await stores.spine.read({ tenantId: 't_test', stream }, { limit: 1000 });
  return events.map(({ type, data }) => ({ type, ...(data as JsonObject) }));
}
const of = (all: (JsonObject & { type: string })[], name: string, type: string) =>
  all.filter((entry) => entry.request_id === `req_${name}` && entry.type === type);

const DECISIONS = [
  { name: 'allow', stream: 'safety/user/u_ann', said: { decision: 'allow', action: 'probe.echo', transport: 'http' } },
  { name: 'mcp', stream: 'safety/user/u_ann', said: { decision: 'allow', action: 'probe.echo', transport: 'mcp' } },
  { name: 'subject', stream: 'safety/probe_thing/thing_1', said: { decision: 'allow', subject_id: 'thing_1' } },
  {
    name: 'deny',
    stream: 'safety/probe_thing/thing_1',
    said: { decision: 'deny', gate: 'firearms', code: 'firearms.missing_grant' },
  },
  {
    name: 'invalid',
    stream: 'safety/user/u_ann',
    said: { decision: 'deny', gate: 'validation', code: 'validation.failed' },
  },
  { name: 'stated', stream: 'safety/order/order_1', said: { decision: 'allow', subject_type: 'order' } },
  { name: 'smuggled', stream: 'safety/probe_thing/guilty', said: { decision: 'allow', subject_id: 'guilty' } },
];

test.each(DECISIONS)('[POL-06] $name leaves one SAFETY_DECISION and one audit record that agree', async (entry) => {
  const safety = of(await records(entry.stream), entry.name, 'SAFETY_DECISION');
  const audit = of(await records('audit/lab'), entry.name, 'audit.decision');
  expect([safety.length, audit.length]).toEqual([1, 1]);
  const { chain, ...record } = audit[0] as Record<string, unknown>;
  expect(chain).toMatchObject({ order: expect.any(Number), hash: expect.any(String) });
  expect({ ...safety[0], type: '' }).toEqual({ ...record, type: '' });
  expect(audit[0]).toMatchObject({
    ...entry.said,
    actor_type: 'user',
    actor_id: 'u_ann',
    project_id: 'p_test',
    mode: 'lab',
    run_id: 'run_1',
    step_id: 'step_1',
    traceparent: TRACE,
    tool_id: 'probe',
    tool_digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    argument_digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    latency_us: expect.any(Number),
  });
});

test('[POL-10] a decision names the policy that it was made under, and another once that policy has changed', async () => {
  const audit = await records('audit/lab');
  const [before, after] = ['subject', 'deny'].map((name) => of(audit, name, 'audit.decision')[0]?.policy_version);
  expect(before).toMatch(/^[0-9a-f]{16}$/);
  expect(after).toMatch(/^[0-9a-f]{16}$/);
  expect(after).not.toBe(before);
  expect(of(audit, 'invalid', 'audit.decision')[0]).not.toHaveProperty('policy_version');
});

test('[POL-06] what a caller says about the subject does not move the record of what it does', async () => {
  expect(await records('safety/probe_thing/innocent')).toEqual([]);
});

test('[POL-06] a finer question of a muscle is recorded on its own subject under the same request', async () => {
  const [finer] = of(await records('safety/probe_thing/thing_2'), 'finer', 'SAFETY_DECISION');
  expect(finer).toMatchObject({ decision: 'allow', action: 'probe.finer', tool_id: 'probe' });
});

test('[POL-06] how an allowed call ended is recorded once, with the code the caller saw', async () => {
  const audit = await records('audit/lab');
  expect(of(audit, 'allow', 'audit.outcome')).toMatchObject([{ code: 'ok' }]);
  expect(of(audit, 'crash', 'audit.outcome')).toMatchObject([{ code: 'internal' }]);
  expect(of(audit, 'deny', 'audit.outcome')).toEqual([]);
});

test('[POL-06] no record holds an argument or the text of an error', async () => {
  const all = JSON.stringify([await records('audit/lab'), await records('safety/user/u_ann')]);
  expect(all).not.toContain(CANARY);
  expect(all).not.toContain('hunter2');
});

test('[POL-06] equal arguments have equal digests, and the record tells the same tool by its digest', async () => {
  const audit = await records('audit/lab');
  const [first] = of(audit, 'allow', 'audit.decision');
  const [second] = of(audit, 'mcp', 'audit.decision');
  expect(first?.argument_digest).toBe(second?.argument_digest);
  expect(first?.tool_digest).toBe(second?.tool_digest);
});
