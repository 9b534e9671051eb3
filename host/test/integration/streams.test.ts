import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { httpClient, type Answer, type HttpCall } from './support/http-client.ts';
import { expectNoUnhandledRejections, FIXTURES, startProbeHost, type ProbeHost } from './support/probe-host.ts';
import { CLIENTS } from './support/sdk-clients.ts';

let host: ProbeHost;
let http: HttpCall;
expectNoUnhandledRejections();
beforeAll(async () => {
  host = await startProbeHost({ plugins: [FIXTURES], muscles: ['streams'] });
  http = httpClient(host.url, host.headers);
});
afterAll(() => host.close());

const events = (answer: Answer): { event: string; data: unknown }[] =>
  [...answer.text.matchAll(/^id: \d+\nevent: (\w+)\ndata: (.*)$/gm)].map(([, event = '', data = '']) => ({
    event,
    data: JSON.parse(data) as unknown,
  }));
const asEvents = { headers: { Accept: 'text/event-stream' } };
const ended = async (id: string): Promise<{ yielded: number; ended: boolean }> => {
  for (;;) {
    const { [id]: state } = (await http('/tools/streams.seen', { json: {} })).json as Record<string, never>;
    if (state && (state as { ended: boolean }).ended) return state;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

test.each(CLIENTS)('[STREAM-01] a $client client sees each piece as progress, and the result', async ({ connect }) => {
  const client = await connect(`${host.url}/mcp`, host.headers);
  const heard: { progress: number; message?: string }[] = [];
  const answer = await client.call('streams_summed', { to: 3 }, { onprogress: (update) => heard.push(update) });
  await client.close();
  expect(answer.structuredContent).toEqual({ sum: 6 });
  expect(heard.map(({ progress, message }) => ({ progress, message }))).toEqual([
    { progress: 1, message: '{"number":1}' },
    { progress: 2, message: '{"number":2}' },
    { progress: 3, message: '{"number":3}' },
  ]);
});

test('[STREAM-01] a client that asked for no progress gets the pieces as the result', async () => {
  const client = await CLIENTS[0]!.connect(`${host.url}/mcp`, host.headers);
  const { content } = await client.call('streams_count', { to: 3 });
  await client.close();
  expect(content).toEqual([{ type: 'text', text: '1 2 3 ' }]);
});

test.each(['/tools/streams.count', '/actions/execute', '/streams/3'])(
  '[STREAM-02] %s answers with events where they are asked for',
  async (path) => {
    const json = path === '/actions/execute' ? { action: 'streams.count' } : {};
    const answer = await http(path, path.startsWith('/streams') ? asEvents : { json, ...asEvents });
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    expect(events(answer)).toEqual([
      { event: 'piece', data: '1 ' },
      { event: 'piece', data: '2 ' },
      { event: 'piece', data: '3 ' },
      { event: 'result', data: { text: '1 2 3 ', content: [] } },
    ]);
  },
);

test('[STREAM-02] without asking for events the result comes as JSON', async () => {
  expect((await http('/tools/streams.summed', { json: { to: 4 } })).json).toEqual({ sum: 10 });
});

test('[STREAM-02] what is refused before the first piece has its own status', async () => {
  const answer = await http('/tools/streams.endless', { json: {}, ...asEvents });
  expect({ status: answer.status, code: answer.json.error.code }).toEqual({ status: 400, code: 'validation.failed' });
});

test('[STREAM-03] a stream that breaks ends with the envelope', async () => {
  expect(events(await http('/tools/streams.breaks', { json: {}, ...asEvents }))).toEqual([
    { event: 'piece', data: 'first' },
    { event: 'error', data: { error: expect.objectContaining({ code: 'streams.broken', http_status: 422 }) } },
  ]);
});

test('[STREAM-03] a piece that is not JSON is told as what it is', async () => {
  const answer = await http('/tools/streams.odd', { json: {}, ...asEvents });
  expect(answer.json.error.code).toBe('muscle.invalid_result');
});

test('[STREAM-03] the deadline stops the generator, whose finally runs', async () => {
  const answer = await http('/tools/streams.late', { json: { id: 'late' }, ...asEvents });
  expect(events(answer).at(-1)).toMatchObject({ event: 'error', data: { error: { code: 'muscle.failed' } } });
  expect((await ended('late')).ended).toBe(true);
});

test('[STREAM-03] a caller that leaves stops the generator', async () => {
  const leave = new AbortController();
  const gone = fetch(`${host.url}/tools/streams.endless`, {
    method: 'POST',
    headers: { ...host.headers, Accept: 'text/event-stream', 'content-type': 'application/json' },
    body: '{"id":"left"}',
    signal: leave.signal,
  });
  await (await gone).body?.getReader().read();
  leave.abort();
  expect((await ended('left')).ended).toBe(true);
});

test('[STREAM-03] a caller that does not read holds the generator back', async () => {
  const warned: string[] = [];
  const hear = ({ name }: Error): unknown => warned.push(name);
  process.on('warning', hear);
  const body = JSON.stringify({ id: 'slow', bytes: 64 * 1024 });
  const call = request(`${host.url}/tools/streams.endless`, {
    method: 'POST',
    headers: { ...host.headers, Accept: 'text/event-stream', 'content-type': 'application/json' },
  });
  call.on('error', () => undefined).end(body);
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  answer.pause();
  let before = -1;
  for (;;) {
    const { slow } = (await http('/tools/streams.seen', { json: {} })).json as Record<string, { yielded: number }>;
    if (slow!.yielded === before) break;
    before = slow!.yielded;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  // What the sockets hold, and no more: without backpressure it would be thousands of pieces.
  expect(before * 64 * 1024).toBeLessThan(16 * 1024 * 1024);
  call.destroy();
  expect((await ended('slow')).ended).toBe(true);
  process.off('warning', hear);
  // Waiting for each piece must not leave a listener on the connection.
  expect(warned).not.toContain('MaxListenersExceededWarning');
});

test('[STREAM-01] a denied stream yields nothing', async () => {
  const json = { target: 'scope', id: 'streams.endless', engaged: true, reason: 'test' };
  await http('/admin/kill-switch', { method: 'PUT', json });
  const answer = await http('/tools/streams.endless', { json: { id: 'denied' }, ...asEvents });
  expect(answer.status).toBe(403);
  const seen = (await http('/tools/streams.seen', { json: {} })).json as object;
  expect(seen).not.toHaveProperty('denied');
});
