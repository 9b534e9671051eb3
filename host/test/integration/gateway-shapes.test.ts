import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { httpClient, type HttpCall } from './support/http-client.ts';
import { callTool, modern } from './support/mcp-rpc.ts';
import { expectNoUnhandledRejections, startProbeHost, type ProbeHost } from './support/probe-host.ts';
import { CLIENTS, type ListedTool, type SdkClient } from './support/sdk-clients.ts';

let host: ProbeHost;
let dotted: ProbeHost;
let http: HttpCall;
expectNoUnhandledRejections();
beforeAll(async () => {
  host = await startProbeHost();
  http = httpClient(host.url, host.headers);
  dotted = await startProbeHost({ env: { NORTHSTAR_TOOL_NAMES: 'dotted', NORTHSTAR_ERROR_STYLE: 'result' } });
});
afterAll(async () => {
  await host.close();
  await dotted.close();
});

async function using<T>(
  url: string,
  connect: (typeof CLIENTS)[number]['connect'],
  work: (client: SdkClient) => Promise<T>,
): Promise<T> {
  const client = await connect(`${url}/mcp`, host.headers);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

describe.each(CLIENTS)('$client', ({ connect }) => {
  test('[GW-02] in the jsonrpc style a refusal is an error with the HTTP status and the envelope', async () => {
    const thrown = await using(host.url, connect, (client) =>
      client.call('probe_refuse').catch((error: unknown) => error),
    );
    expect(thrown).toMatchObject({
      code: 409,
      message: expect.stringMatching(/probe\.not_today: The probe does not do this today\. Come back tomorrow\.$/),
      data: {
        error: {
          code: 'probe.not_today',
          http_status: 409,
          details: { day: 'today' },
          request_id: expect.any(String),
          retryable: true,
        },
      },
    });
  });

  test('[GW-02] in the result style it is a result: prose, then the envelope, and no structured content', async () => {
    // The typed scope has an output schema, against which some clients would check structured content.
    for (const [name, args, code] of [
      ['probe.refuse', {}, 'probe.not_today'],
      ['probe.typed', { marker: 7 }, 'validation.failed'],
      ['probe.wrong', {}, 'muscle.invalid_result'],
    ] as const) {
      const answer = await using(dotted.url, connect, (client) => client.call(name, args));
      expect(answer.isError).toBe(true);
      expect(answer).not.toHaveProperty('structuredContent');
      expect(answer.content.length).toBe(1);
      const [prose, envelope, ...more] = (answer.content[0]?.text ?? '').split('\n');
      expect(more).toEqual([]);
      expect(prose).toMatch(new RegExp(`^${code}: .+`));
      expect(JSON.parse(envelope ?? '')).toMatchObject({ error: { code, message: prose } });
    }
  });

  test('[GW-02] an unknown tool stays a protocol error in both styles', async () => {
    for (const { url } of [host, dotted])
      await using(url, connect, (client) =>
        expect(client.call('nobody.knows')).rejects.toMatchObject({
          code: -32602,
          data: { error: { code: 'scope.not_found' } },
        }),
      );
  });

  test('[GW-03] one spelling is listed and both are accepted', async () => {
    for (const [url, separator] of [
      [host.url, '_'],
      [dotted.url, '.'],
    ] as const)
      await using(url, connect, async (client) => {
        const names = (await client.listTools()).tools.map(({ name }) => name);
        expect(names).toContain(`probe${separator}echo`);
        expect(new Set(names.map((name) => name.replaceAll('.', '_'))).size).toBe(names.length);
        for (const name of ['probe.echo', 'probe_echo'])
          expect((await client.call(name, { marker: 'x' })).structuredContent?.args).toEqual({ marker: 'x' });
      });
  });
});

test.each([
  { name: 'probe.echo', args: { marker: 'x' } },
  { name: 'probe.typed', args: { marker: 'x' } },
  { name: 'probe.recall', args: { key: 'k' } },
  { name: 'probe.state', args: {} },
])('[GW-04] text and structured content of $name carry the same facts', async ({ name, args }) => {
  const { result } = (await callTool(http, name, args)).rpc;
  expect(result.structuredContent).toBeDefined();
  expect(JSON.parse(result.content[0].text)).toEqual(result.structuredContent);
});

test('[GW-04] a failure that a muscle reports has its facts in the text only', async () => {
  const { result } = (await callTool(http, 'probe.answer', { what: 'failure' })).rpc;
  expect(result.isError).toBe(true);
  expect(result).not.toHaveProperty('structuredContent');
  expect(result.content[0].text).toContain('out of paper');
});

describe('[GW-06] tools/list', () => {
  const list = async (): Promise<ListedTool[]> => (await modern(http, 'tools/list')).rpc.result.tools;

  test('[GW-06] is one page in name order, the same every time, and takes no cursor', async () => {
    const first = await modern(http, 'tools/list');
    expect(first.rpc.result.nextCursor).toBeUndefined();
    const names = first.rpc.result.tools.map((tool: ListedTool) => tool.name);
    expect(names).toEqual([...names].sort());
    expect((await modern(http, 'tools/list')).rpc.result.tools).toEqual(first.rpc.result.tools);
    expect((await modern(http, 'tools/list', { cursor: 'x' })).rpc.error.code).toBe(-32602);
  });

  test('[GW-06] names are what every known client accepts', async () => {
    for (const { name } of await list()) expect(name).toMatch(/^[a-zA-Z0-9_]{1,64}$/);
  });

  test('[GW-06] every tool tells its muscle and scope', async () => {
    for (const tool of await list())
      expect(tool._meta).toMatchObject({ tool_id: tool.name.split('_')[0], scope: tool.name.replace('_', '.') });
  });

  test('[GW-06] hints follow the effects, and unstated effects are destructive', async () => {
    const hints = (name: string) => list().then((tools) => tools.find((tool) => tool.name === name)?.annotations);
    expect(await hints('probe_echo')).toMatchObject({ readOnlyHint: true, destructiveHint: false });
    expect(await hints('probe_typed')).toMatchObject({ readOnlyHint: false, destructiveHint: false });
    expect(await hints('probe_plain')).toMatchObject({ readOnlyHint: false, destructiveHint: true });
  });

  test('[GW-06] every input schema is an object that names the identity headers', async () => {
    for (const { inputSchema } of await list()) {
      expect(inputSchema.type).toBe('object');
      for (const header of ['X-Mode', 'X-Tenant-Id', 'X-Project-Id', 'X-Request-Id'])
        expect(inputSchema.description).toContain(header);
    }
  });

  test('[GW-06] GET /tools shows the same tools under the same names', async () => {
    const inventory = (await http('/tools')).json as {
      tool_id: string;
      state: string;
      scopes: { wire_name: string }[];
    }[];
    const enabled = inventory.filter(({ state }) => state !== 'disabled');
    expect(enabled.map(({ tool_id, state }) => `${tool_id} ${state}`)).toEqual(['neighbour active', 'probe active']);
    const names = inventory.flatMap(({ scopes }) => scopes.map((scope) => scope.wire_name)).sort();
    expect(names).toEqual((await list()).map(({ name }) => name));
  });
});
