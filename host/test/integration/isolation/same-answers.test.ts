import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { httpClient, type HttpCall } from '../support/http-client.ts';
import { callTool, modern } from '../support/mcp-rpc.ts';
import { expectNoUnhandledRejections, startProbeHost, type ProbeHost } from '../support/probe-host.ts';

const ISOLATION = join(import.meta.dirname, '../../fixtures/isolation');
const MODES = ['inline', 'worker', 'process'] as const;
type Mode = (typeof MODES)[number];

const hosts = {} as Record<Mode, { host: ProbeHost; http: HttpCall }>;
expectNoUnhandledRejections();
beforeAll(async () => {
  for (const mode of MODES) {
    const host = await startProbeHost({ plugins: [ISOLATION], muscles: ['same'], env: { NORTHSTAR_ISOLATION: mode } });
    hosts[mode] = { host, http: httpClient(host.url, host.headers) };
  }
});
afterAll(async () => {
  for (const { host } of Object.values(hosts)) await host.close();
});

/** What differs from call to call, wherever the muscle runs. */
function steady(text: string): string {
  return text.replace(/req_[\w-]+/g, 'req_x').replace(/"left_ms":\d+/g, '');
}

/** Runs the same request against all three hosts. */
async function everywhere<T>(ask: (at: { host: ProbeHost; http: HttpCall }) => Promise<T>): Promise<Record<Mode, T>> {
  const answers = {} as Record<Mode, T>;
  for (const mode of MODES) answers[mode] = await ask(hosts[mode]);
  return answers;
}

async function expectSame(ask: (at: { host: ProbeHost; http: HttpCall }) => Promise<unknown>): Promise<unknown> {
  const { inline, worker, process } = await everywhere(ask);
  expect(worker).toEqual(inline);
  expect(process).toEqual(inline);
  return inline;
}

const call = (scope: string, args: object = {}) =>
  expectSame(async ({ http }) => {
    const { status, text } = await http(`/tools/same.${scope}`, { json: args });
    return { status, text: steady(text) };
  });

describe('[ISO-01] the same impl.ts answers the same inline, in a worker and in a process', () => {
  test('the list of tools', async () => {
    const { worker, process, inline } = await everywhere(
      async ({ http }) => (await modern(http, 'tools/list')).rpc.result.tools,
    );
    expect(worker).toEqual(inline);
    expect(process).toEqual(inline);
    expect(inline).toHaveLength(15);
    for (const mode of ['worker', 'process'] as const)
      expect(hosts[mode].host.registry.statuses.find(({ id }) => id === 'same')?.isolation).toMatchObject({ mode });
  });

  test('what the context holds', async () => {
    const answer = (await call('shape')) as { text: string };
    expect(JSON.parse(answer.text)).toMatchObject({ hasId: true, frozen: true, left: true, helped: 'by its helper' });
  });

  test.each([
    ['args', { at: '2030-01-01', link: 'https://a.example/x', big: '12345678901234567890' }],
    ['args', { at: 'never', link: 'no link', big: '1' }],
    ['args', {}],
    ['args', { at: '2030-01-01', link: 'https://a.example/x', big: '1', list: 'no list' }],
    ['written', { n: 3, s: 'abc' }],
    ['written', {}],
    ['written', { n: 3, s: 'xbc' }],
    ['typed', { how: 'right' }],
    ['typed', { how: 'wrong' }],
  ])('models: %s %j', async (scope, args) => {
    await call(scope, args);
  });

  test.each([
    'object',
    'text',
    'list',
    'null',
    'nothing',
    'tool',
    'failure',
    'ask',
    'cycle',
    'bigint',
    'function',
    'large',
    'proto',
  ])('an answer: %s', async (how) => {
    await call('answer', { how });
    await expectSame(async ({ http }) =>
      steady(JSON.stringify((await callTool(http, 'same.answer', { how })).rpc).replace(/"requestState":"[^"]*"/, '')),
    );
  });

  test.each(['plain', 'text', 'nothing', 'store', 'key', 'wrapped', 'refusal'])('a failure: %s', async (how) => {
    const { text } = (await call('fail', { how })) as { text: string };
    expect(text).not.toContain('canary');
  });

  test.each(['records', 'bytes', 'events'])('the stores: %s', async (scope) => {
    const { status } = (await call(scope)) as { status: number };
    expect(status).toBe(200);
  });

  test.each(['limit', 'cursor', 'bytes'])('the stores used wrongly: %s', async (how) => {
    await call('misuse', { how });
  });

  test('a denial of ctx.gate reaches the caller as it is', async () => {
    const answer = (await expectSame(async ({ http }) => {
      const binding = { tool_id: 'same', scope_name: 'same.secret', license_types: ['l.secret'] };
      await http('/firearms/bindings', { method: 'PUT', json: binding });
      const { status, text } = await http('/tools/same.gate', { json: {} });
      return { status, text: steady(text) };
    })) as { status: number; text: string };
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('firearms.missing_grant');
  });

  test('progress and log', async () => {
    await call('progress');
    for (const { host } of Object.values(hosts))
      expect(host.logged.filter((line) => line.includes('logged by same'))).toEqual([
        expect.stringMatching(/"level":"warn".*"muscle":"same","scope":"same.progress".*"step":2/),
      ]);
  });

  test('a streamed upload, and a download whole, in part, broken off and refused', async () => {
    const body = Buffer.alloc(2_000_000, 'up');
    await expectSame(async ({ http }) => {
      const { status, text } = await http('/same/upload', { method: 'PUT', body, headers: { 'content-type': 'x/y' } });
      return { status, text };
    });
    await expectSame(async ({ http }) => {
      const { status, text, headers } = await http('/same/download/whole');
      return { status, length: text.length, name: headers.get('content-disposition') };
    });
    await expectSame(async ({ http }) => {
      const { status, text } = await http('/same/download/part', { headers: { range: 'bytes=9-20' } });
      return { status, text };
    });
    await expectSame(async ({ http }) => {
      const { status, text } = await http('/same/download/fails');
      return { status, text: steady(text) };
    });
    await expectSame(({ http }) =>
      http('/same/download/lies').then(
        ({ status }) => status,
        () => 'cut',
      ),
    );
  });

  test('resources, prompts, listings and completions', async () => {
    const ref = (name: string) => ({ ref: { type: 'ref/prompt', name }, argument: { name: 'who', value: 'jo' } });
    await expectSame(async ({ http }) =>
      [
        (await modern(http, 'resources/read', { uri: 'same://notes/7' })).rpc,
        (await modern(http, 'resources/list')).rpc,
        (await modern(http, 'prompts/get', { name: 'same_greet', arguments: { who: 'ann' } })).rpc,
        (await modern(http, 'prompts/get', { name: 'same_greet' })).rpc,
        (await modern(http, 'completion/complete', ref('same_greet'))).rpc,
      ].map((rpc) => steady(JSON.stringify(rpc))),
    );
  });

  test('setup runs once, and state lives as long as the muscle does', async () => {
    await call('count');
    await call('count');
  });
});
