import { afterAll, describe, expect, test } from 'vitest';
import type { Gate, GateDecision } from '../../src/policy/gate.ts';
import { codeOf, httpClient } from './support/http-client.ts';
import { callTool, initialize, inSession, modern } from './support/mcp-rpc.ts';
import { expectNoUnhandledRejections, startProbeHost, type ProbeHost } from './support/probe-host.ts';

expectNoUnhandledRejections();
const hosts: ProbeHost[] = [];
afterAll(() => Promise.all(hosts.map((host) => host.close())));

async function hostWith(gates: readonly Gate[]): Promise<ProbeHost> {
  const host = await startProbeHost({ gates });
  hosts.push(host);
  return host;
}

const allow: Gate = { name: 'allow', decide: async () => ({ allow: true }) };
const odd = (value: unknown): Gate => ({ name: 'odd', decide: async () => value as never });

test('[POL-01] a host without gates denies every call', async () => {
  const host = await hostWith([]);
  const http = httpClient(host.url, host.headers);
  const answer = await http('/tools/probe.echo', { json: {} });
  expect({ status: answer.status, code: codeOf(answer), gate: answer.json.error.gate }).toEqual({
    status: 503,
    code: 'policy.unavailable',
    gate: 'chain',
  });
  expect((await callTool(http, 'probe.echo')).rpc.error.code).toBe(503);
  expect((await modern(http, 'resources/read', { uri: 'probe://status' })).rpc.error.code).toBe(503);
  expect((await modern(http, 'prompts/get', { name: 'probe.greet', arguments: { who: 'A' } })).rpc.error.code).toBe(
    503,
  );
});

describe('[POL-02] a gate that does not clearly allow', () => {
  const gates: { what: string; gate: Gate }[] = [
    { what: 'throws', gate: { name: 'odd', decide: async () => Promise.reject(new Error('secret of the gate')) } },
    {
      what: 'throws before it returns a promise',
      gate: {
        name: 'odd',
        decide: () => {
          throw new Error('secret of the gate');
        },
      },
    },
    { what: 'never answers', gate: { name: 'odd', decide: () => new Promise(() => undefined) } },
    ...[
      undefined,
      null,
      true,
      1,
      'allow',
      {},
      [],
      { allow: 'true' },
      { allow: 1 },
      { allow: {} },
      { allow: false },
    ].map((value) => ({ what: `answers ${JSON.stringify(value)}`, gate: odd(value) })),
    { what: 'answers an unknown code', gate: odd({ allow: false, code: 'no.such.code', message: 'x' }) },
  ];

  test.each(gates)('[POL-02] a gate that $what denies, and no handler runs', async ({ gate, what }) => {
    const host = await hostWith([allow, gate, allow]);
    const http = httpClient(host.url, host.headers);
    const answer = await http('/tools/probe.sleep', { json: { id: what, ms: 1 } });
    expect({ status: answer.status, code: codeOf(answer), gate: answer.json.error.gate }).toEqual({
      status: 503,
      code: 'policy.unavailable',
      gate: 'odd',
    });
    expect(answer.text).not.toContain('secret of the gate');
    expect((await modern(http, 'completion/complete', COMPLETE)).rpc.error.code).toBe(503);
    expect((await modern(http, 'resources/list')).rpc.result.resources).toEqual([
      expect.objectContaining({ uri: 'probe://status' }),
      expect.objectContaining({ uri: 'probe://broken' }),
    ]);
  });
  const COMPLETE = { ref: { type: 'ref/prompt', name: 'probe.greet' }, argument: { name: 'who', value: 'a' } };
});

test('[POL-02] gates are asked in order, and none after the first that denies', async () => {
  const asked: string[] = [];
  const gate = (name: string, allowed: boolean): Gate => ({
    name,
    decide: async (): Promise<GateDecision> => {
      asked.push(name);
      return allowed ? { allow: true } : { allow: false, code: 'kill_switch.engaged', message: `${name} says no` };
    },
  });
  const host = await hostWith([gate('first', true), gate('second', false), gate('third', true)]);
  const answer = await httpClient(host.url, host.headers)('/tools/probe.echo', { json: {} });
  expect({ code: codeOf(answer), gate: answer.json.error.gate, asked }).toEqual({
    code: 'kill_switch.engaged',
    gate: 'second',
    asked: ['first', 'second'],
  });
});

test('[POL-02] policy is asked about exactly what the handler gets, whatever the surface', async () => {
  const digests: string[] = [];
  const spy: Gate = {
    name: 'spy',
    decide: async ({ argumentDigest }) => {
      digests.push(argumentDigest);
      return { allow: true };
    },
  };
  const host = await hostWith([spy]);
  const http = httpClient(host.url, host.headers);
  const args = { marker: 'same', b: [1, { c: null }] };
  const { session } = await initialize(http);
  await http('/tools/probe.echo', { json: args });
  await http('/probe/echo', { json: args });
  await http('/actions/execute', {
    json: { action: 'probe.echo', arguments: { b: [1, { c: null }], marker: 'same' } },
  });
  await callTool(http, 'probe_echo', args);
  await inSession({ http, session: session ?? '' }, 'tools/call', { name: 'probe.echo', arguments: args });
  expect(new Set(digests).size).toBe(1);
  expect(digests.length).toBe(5);
});

test('[POL-02] different arguments have different digests, dates included', async () => {
  const digests = new Set<string>();
  const spy: Gate = {
    name: 'spy',
    decide: async ({ argumentDigest }) => {
      digests.add(argumentDigest);
      return { allow: true };
    },
  };
  const host = await hostWith([spy]);
  const http = httpClient(host.url, host.headers);
  for (const at of ['2020-01-01', '2021-01-01']) expect((await http(`/probe/things/1?at=${at}`)).status).toBe(200);
  expect(digests.size).toBe(2);
});
