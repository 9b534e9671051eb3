import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { httpClient, type HttpCall } from '../support/http-client.ts';
import { expectNoUnhandledRejections, FIXTURES, startProbeHost, type ProbeHost } from '../support/probe-host.ts';

const MODES = ['inline', 'worker', 'process'] as const;
const asEvents = { headers: { Accept: 'text/event-stream' } };

expectNoUnhandledRejections();

describe.each(MODES)('%s', (mode) => {
  let host: ProbeHost;
  let http: HttpCall;
  beforeAll(async () => {
    const env = { NORTHSTAR_ISOLATION: mode };
    host = await startProbeHost({ plugins: [FIXTURES], muscles: ['streams', 'jobs'], env });
    http = httpClient(host.url, host.headers);
  });
  afterAll(() => host.close());

  const seen = async (id: string) =>
    ((await http('/tools/streams.seen', { json: {} })).json as Record<string, { yielded: number; ended: boolean }>)[id];
  const until = async <T>(read: () => Promise<T>, good: (value: T) => boolean): Promise<T> => {
    for (;;) {
      const value = await read();
      if (good(value)) return value;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const ended = (id: string) =>
    until(
      () => seen(id),
      (state) => state?.ended === true,
    );

  test.each([
    ['count', ['piece "1 "', 'piece "2 "', 'piece "3 "', 'result {"text":"1 2 3 ","content":[]}']],
    ['summed', ['piece {"number":1}', 'piece {"number":2}', 'piece {"number":3}', 'result {"sum":6}']],
    ['breaks', ['piece "first"', expect.stringMatching(/^error .*"code":"streams.broken"/)]],
  ])('[ISO-01] [STREAM-02] streams.%s answers the same pieces', async (scope, expected) => {
    const { text } = await http(`/tools/streams.${scope}`, { json: {}, ...asEvents });
    expect([...text.matchAll(/^event: (\w+)\ndata: (.*)$/gm)].map(([, event, data]) => `${event} ${data}`)).toEqual(
      expected,
    );
  });

  test('[ISO-01] [STREAM-03] a piece that is not JSON is told as what it is', async () => {
    const { json } = await http('/tools/streams.odd', { json: {}, ...asEvents });
    expect(json.error.code).toBe('muscle.invalid_result');
  });

  test('[ISO-01] [STREAM-03] deadline and departure end the generator, whose finally runs', async () => {
    await http('/tools/streams.late', { json: { id: 'late' }, ...asEvents });
    expect(await ended('late')).toMatchObject({ ended: true });
    const leave = new AbortController();
    const gone = await fetch(`${host.url}/tools/streams.endless`, {
      method: 'POST',
      headers: { ...host.headers, Accept: 'text/event-stream', 'content-type': 'application/json' },
      body: '{"id":"left"}',
      signal: leave.signal,
    });
    await gone.body?.getReader().read();
    leave.abort();
    expect(await ended('left')).toMatchObject({ ended: true });
  });

  test('[ISO-01] [STREAM-03] a caller that does not read holds the generator back', async () => {
    const call = request(`${host.url}/tools/streams.endless`, {
      method: 'POST',
      headers: { ...host.headers, Accept: 'text/event-stream', 'content-type': 'application/json' },
    });
    call.on('error', () => undefined).end(JSON.stringify({ id: 'slow', bytes: 64 * 1024 }));
    const [answer] = (await once(call, 'response')) as [IncomingMessage];
    answer.pause();
    let before = -1;
    const { yielded } = (await until(
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 100));
        return seen('slow');
      },
      (state) => {
        const same = state?.yielded === before;
        before = state?.yielded ?? -1;
        return same;
      },
    ))!;
    expect(yielded * 64 * 1024).toBeLessThan(16 * 1024 * 1024);
    call.destroy();
    await ended('slow');
  });

  const start = async (scope: string, args = {}) =>
    (await http(`/tools/${scope}`, { json: args })).json as { job_id: string; state: string };
  const over = (scope: string, job_id: string) =>
    until(
      async () => (await http(`/tools/${scope}.status`, { json: { job_id } })).json as { state: string },
      ({ state }) => state !== 'running',
    );

  test('[ISO-01] [JOB-01] a job reports progress and keeps its result', async () => {
    const { job_id, state } = await start('jobs.render', { frames: 3 });
    expect(state).toBe('running');
    expect(await over('jobs.render', job_id)).toMatchObject({
      state: 'succeeded',
      result: { frames: 3 },
      progress: { progress: 1, total: 3, message: 'first frame' },
    });
  });

  test.each([
    ['jobs.breaks', 'jobs.broken'],
    ['jobs.wrong', 'muscle.invalid_result'],
    ['jobs.short', 'muscle.failed'],
  ])('[ISO-01] [JOB-02] %s fails with %s', async (scope, code) => {
    const { job_id } = await start(scope);
    expect(await over(scope, job_id)).toMatchObject({ state: 'failed', error: { code } });
  });

  test('[ISO-01] [JOB-02] cancelling a job stops its work', async () => {
    const stopped = async () => (await http('/tools/jobs.stopped', { json: {} })).json.stopped as number;
    const before = await stopped();
    const { job_id } = await start('jobs.hang');
    const { json } = await http('/tools/jobs.hang.cancel', { json: { job_id } });
    expect(json).toMatchObject({ state: 'cancelled' });
    expect(await until(stopped, (count) => count > before)).toBeGreaterThan(before);
  });
});
