import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { httpClient, type HttpCall } from './support/http-client.ts';
import { expectNoUnhandledRejections, startProbeHost, type ProbeHost } from './support/probe-host.ts';
import { CLIENTS, type Heard, type SdkClient } from './support/sdk-clients.ts';

let host: ProbeHost;
let http: HttpCall;
expectNoUnhandledRejections();
beforeAll(async () => {
  host = await startProbeHost();
  http = httpClient(host.url, host.headers);
});
afterAll(() => host.close());

describe.each(CLIENTS)('$client', ({ connect }) => {
  let client: SdkClient;
  let heard: Heard;
  beforeEach(async () => {
    heard = { toolsChanged: 0 };
    client = await connect(`${host.url}/mcp`, host.headers, heard);
  });
  afterEach(() => client.close());

  test('[GW-01] it connects, lists and calls', async () => {
    expect(client.getServerVersion()?.name).toBe('northstar');
    expect(client.getInstructions()).toContain('governed');
    expect((await client.listTools()).tools.length).toBe(host.registry.current.tools.length);
    const answer = await client.call('probe_typed', { marker: 'hello' });
    expect(answer.structuredContent).toEqual({ marker: 'hello', length: 5 });
  });

  test('[GW-01] a denial reaches it with status, code word and what to do', async () => {
    const json = { tool_id: 'probe', scope_name: 'probe.plain', license_types: ['lic.gw'] };
    await http('/firearms/bindings', { method: 'PUT', json });
    const denied = await client.call('probe_plain').catch((error: unknown) => error);
    expect(denied).toMatchObject({
      code: 403,
      message: expect.stringContaining('firearms.missing_grant: probe.plain needs the licence lic.gw'),
      data: { error: { code: 'firearms.missing_grant', http_status: 403, gate: 'firearms' } },
    });
    await http('/firearms/bindings?tool_id=probe&scope_name=probe.plain', { method: 'DELETE' });
    expect((await client.call('probe_plain')).content).toEqual([{ type: 'text', text: 'plain text' }]);
  });

  test('[GW-01] it hears that the tools changed, and then lists the others', async () => {
    await client.listTools();
    const all = host.registry.current.muscles;
    try {
      // The stream on which a client listens opens a moment after it has connected.
      await vi.waitFor(
        () => {
          host.registry.publish(
            host.registry.current.muscles.length === 1 ? all : all.filter(({ spec }) => spec.id === 'probe'),
          );
          expect(heard.toolsChanged).toBeGreaterThan(0);
        },
        { timeout: 5000, interval: 200 },
      );
      host.registry.publish(all.filter(({ spec }) => spec.id === 'probe'));
      await vi.waitFor(
        async () => {
          const { tools } = await client.listTools();
          expect(tools.filter(({ name }) => name.startsWith('neighbour'))).toEqual([]);
        },
        { timeout: 8000, interval: 300 },
      );
      await expect(client.call('neighbour_facts')).rejects.toMatchObject({ code: -32602 });
    } finally {
      host.registry.publish(all);
    }
  });

  test('[GW-01] it hears progress in order', async () => {
    const seen: number[] = [];
    await client.call('probe_progress', {}, { onprogress: ({ progress }) => seen.push(progress) });
    expect(seen).toEqual([1, 2, 3]);
  });

  test('[GW-01] its cancellation aborts the handler', async () => {
    const id = `gw-${Math.random()}`;
    const cancel = new AbortController();
    const call = client.call('probe_sleep', { id }, { signal: cancel.signal });
    const reached = (list: 'started' | 'aborted') =>
      vi.waitFor(async () => expect((await http('/tools/probe.state', { json: {} })).json[list]).toContain(id), {
        timeout: 5000,
      });
    await reached('started');
    cancel.abort();
    await expect(call).rejects.toThrow();
    await reached('aborted');
  });

  test('[GW-01] it reads fixed, listed and templated resources', async () => {
    const uris = (await client.listResources()).resources.map(({ uri }) => uri);
    expect(uris).toEqual(expect.arrayContaining(['probe://status', 'probe://notes/first', 'probe://notes/third']));
    expect((await client.listResourceTemplates()).resourceTemplates).toMatchObject([
      { uriTemplate: 'probe://notes/{note_id}' },
    ]);
    expect((await client.readResource({ uri: 'probe://status' })).contents[0]?.text).toBe('status of t_test');
    expect((await client.readResource({ uri: 'probe://notes/my%20note' })).contents[0]?.text).toBe('note my note');
    for (const uri of ['probe://notes/a/b', 'probe://notes/', 'probe://nowhere', 'file:///etc/passwd'])
      await expect(client.readResource({ uri })).rejects.toMatchObject({ code: -32602 });
  });

  test('[GW-01] it gets prompts and completions, at most 100 of them', async () => {
    expect((await client.listPrompts()).prompts).toMatchObject([{ name: 'probe_greet', arguments: [{ name: 'who' }] }]);
    const { messages } = await client.getPrompt({ name: 'probe_greet', arguments: { who: 'Ann' } });
    expect(messages[0]?.content).toMatchObject({ type: 'text', text: 'Say hello to Ann.' });
    await expect(client.getPrompt({ name: 'probe_greet', arguments: {} })).rejects.toMatchObject({ code: 400 });
    const who = { ref: { type: 'ref/prompt', name: 'probe_greet' }, argument: { name: 'who', value: 'A' } };
    const { completion } = await client.complete(who);
    expect({ ...completion, values: completion.values.length }).toEqual({ values: 100, total: 150, hasMore: true });
    const note = {
      ref: { type: 'ref/resource', uri: 'probe://notes/{note_id}' },
      argument: { name: 'note_id', value: 's' },
    };
    expect((await client.complete(note)).completion.values).toEqual(['second']);
  });

  test('[GW-05] an unknown tool is -32602 with the envelope', async () => {
    await expect(client.call('nobody_knows')).rejects.toMatchObject({
      code: -32602,
      data: { error: { code: 'scope.not_found', http_status: 404 } },
    });
  });
});
