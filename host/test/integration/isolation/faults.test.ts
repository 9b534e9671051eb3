import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf, httpClient, type HttpCall } from '../support/http-client.ts';
import { callTool } from '../support/mcp-rpc.ts';
import { FIXTURES, startProbeHost, type ProbeHost } from '../support/probe-host.ts';

const FAULTS = join(import.meta.dirname, '../../fixtures/isolation');

/** What each scope does. At most four to a host: five failures in a minute open the circuit, which is another test. */
const FAULTS_OF: Record<'worker' | 'process', [string, string][][]> = {
  worker: [
    [
      ['hang', 'an endless loop'],
      ['exit', 'process.exit'],
      ['fill', 'running out of memory'],
    ],
    [
      ['backtrack', 'a bad regular expression'],
      ['bad_model', 'a bad regular expression in its model'],
      ['uncaught', 'an uncaught exception'],
      ['rejected', 'an unhandled rejection'],
    ],
  ],
  process: [
    [
      ['hang', 'an endless loop'],
      ['exit', 'process.exit'],
      ['fill', 'running out of memory'],
      ['abort', 'a native crash'],
    ],
    [
      ['bad_model', 'a bad regular expression in its model'],
      ['uncaught', 'an uncaught exception'],
      ['rejected', 'an unhandled rejection'],
    ],
  ],
};

describe.each(['worker', 'process'] as const)('%s', (mode) => {
  const env = { NORTHSTAR_ISOLATION: `faulty=${mode}`, NORTHSTAR_ISOLATION_HEAP_MB: '64' };
  let host: ProbeHost;
  let http: HttpCall;
  beforeAll(async () => {
    host = await startProbeHost({ plugins: [FAULTS, FIXTURES], muscles: ['faulty', 'neighbour', 'probe'], env });
    http = httpClient(host.url, host.headers);
  });
  afterAll(() => host.close());

  const faulty = (scope: string, args: object = {}) => http(`/tools/faulty.${scope}`, { json: args });
  const status = async () => {
    const { muscles } = (await http('/admin/muscles')).json as { muscles: { id: string; isolation: object }[] };
    return muscles.find(({ id }) => id === 'faulty');
  };
  const others = async () => (await callTool(http, 'probe.echo', { marker: 'others' })).rpc.result.structuredContent;

  describe.each(FAULTS_OF[mode].map((faults) => ({ faults })))('one host', ({ faults }) => {
    let own: ProbeHost;
    beforeAll(async () => {
      own = await startProbeHost({ plugins: [FAULTS, FIXTURES], muscles: ['faulty', 'probe'], env });
    });
    afterAll(() => own.close());

    test.each(faults)(
      '[ISO-03] %s: its call fails on %s, the other muscles are served meanwhile, and it comes back',
      async (scope) => {
        const call = httpClient(own.url, own.headers);
        const failing = call(`/tools/faulty.${scope}`, { json: { text: `${'a'.repeat(40)}!` } });
        const meanwhile = await callTool(call, 'probe.echo', { marker: scope });
        expect(meanwhile.rpc.result.structuredContent.args).toEqual({ marker: scope });
        const failed = await failing;
        expect([failed.status, codeOf(failed), failed.json.error.retryable]).toEqual([503, 'muscle.failed', true]);
        expect((await call('/tools/faulty.echo', { json: {} })).json).toEqual({ text: 'up' });
        expect(own.logged.join('')).toContain('an isolate ended');
      },
    );
  });

  test('[ISO-04] a handler that ignores its deadline fails alone: its isolate stays, with the calls in it', async () => {
    const before = (await status())?.isolation;
    const late = await faulty('sleep');
    expect(codeOf(late)).toBe('muscle.failed');
    expect(late.json.error.message).toContain('within 300 ms');
    expect((await faulty('echo', { text: 'still' })).json).toEqual({ text: 'still' });
    expect((await status())?.isolation).toEqual(before);
  });

  test('[ISO-04] calls that shared the isolate with an endless loop fail as retryable, and do not wait for it', async () => {
    const sharing = faulty('wait');
    const looping = faulty('hang');
    expect(codeOf(await looping)).toBe('muscle.failed');
    const failed = await sharing;
    expect([codeOf(failed), failed.json.error.retryable]).toEqual(['muscle.failed', true]);
    expect(failed.json.error.message).toContain('it hung');
    expect(await others()).toMatchObject({ args: { marker: 'others' } });
  });

  test('[ISO-05] an answer over the limit is refused where it was made, or ends its isolate, and fills no memory here', async () => {
    const before = process.memoryUsage().rss;
    const refused = await faulty('huge');
    expect(['muscle.failed', 'payload.too_large', 'muscle.invalid_result']).toContain(codeOf(refused));
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024);
    expect(await others()).toMatchObject({ args: { marker: 'others' } });
  });

  test('[ISO-06] one that keeps crashing is given up for a while: state failed, calls refused at once, others served', async () => {
    for (let crash = 0; crash < 5 && (await status())?.isolation; crash++) await faulty('exit');
    const refused = await faulty('echo');
    expect([codeOf(refused), refused.json.error.retryable]).toEqual(['muscle.failed', true]);
    expect(await status()).toMatchObject({
      state: 'failed',
      isolation: { mode, state: 'stopped', lastFailure: 'exit code 3' },
      diagnostics: [{ severity: 'error', code: 'load.isolate_failed' }],
    });
    expect(await others()).toMatchObject({ args: { marker: 'others' } });
  });
});

/** Isolate processes of this test's own process; those of other tests belong to other processes. */
async function childProcesses(): Promise<number[]> {
  const tasks = await readdir('/proc/self/task');
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/self/task/${task}/children`, 'utf8').catch(() => '')),
  );
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
}

test.skipIf(process.platform !== 'linux')(
  '[ISO-10] an isolate full of calls that ignored their deadline is replaced, once idle, by one that was warm already',
  async () => {
    const env = { NORTHSTAR_ISOLATION: 'faulty=process' };
    const host = await startProbeHost({ plugins: [FAULTS, FIXTURES], muscles: ['faulty', 'probe'], env });
    const http = httpClient(host.url, host.headers);
    const faulty = (scope: string) => http(`/tools/faulty.${scope}`, { json: {} });
    const isolation = async () => {
      const { muscles } = (await http('/admin/muscles')).json as { muscles: { id: string; isolation?: object }[] };
      return muscles.find(({ id }) => id === 'faulty')?.isolation;
    };
    try {
      const worn = (await faulty('pid')).json.pid;
      // Beside the one that serves, one waits.
      await expect.poll(async () => (await childProcesses()).length, { timeout: 20_000 }).toBe(2);
      const spare = (await childProcesses()).find((pid) => pid !== worn);
      const waiting = faulty('wait');
      await Promise.all(Array.from({ length: 11 }, () => faulty('sleep')));
      // Somebody still uses it, so it stays.
      expect((await faulty('pid')).json.pid).toBe(worn);
      expect(await isolation()).toMatchObject({ state: 'up', restarts: 0 });
      const others = await callTool(http, 'probe.echo', { marker: 'others' });
      expect(others.rpc.result.structuredContent.args).toEqual({ marker: 'others' });
      expect(codeOf(await waiting)).toBe('muscle.failed');
      await expect
        .poll(isolation, { timeout: 20_000 })
        .toMatchObject({ state: 'up', restarts: 1, lastFailure: 'it was worn out' });
      expect((await faulty('pid')).json.pid).toBe(spare);
    } finally {
      await host.close();
    }
  },
  90_000,
);
