import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf, httpClient, type HttpCall } from '../integration/support/http-client.ts';
import { callTool } from '../integration/support/mcp-rpc.ts';
import {
  expectNoUnhandledRejections,
  FIXTURES,
  startProbeHost,
  type ProbeHost,
} from '../integration/support/probe-host.ts';

const ISOLATION = join(import.meta.dirname, '../fixtures/isolation');
const SECRETS = ['canary-of-the-hosts-environment', 'canary-bearer-token', 'canary-control-store'];

/** What an isolate might send. At most four to a host: five failures in a minute open the circuit. */
const FORGED = [
  ['no JSON', 'an unknown message', 'an extra member', 'an unknown request'],
  ['an unknown notice', 'a service without a call', 'a log of the wrong shape'],
  ['a prototype', 'a deep message', 'a huge message'],
];

expectNoUnhandledRejections();

describe.each(['worker', 'process'] as const)('%s', (mode) => {
  let host: ProbeHost;
  let http: HttpCall;
  const start = async () =>
    startProbeHost({
      plugins: [ISOLATION, FIXTURES],
      muscles: ['hostile', 'probe'],
      env: {
        NORTHSTAR_ISOLATION: `hostile=${mode}`,
        NORTHSTAR_TOKEN: SECRETS[0] ?? '',
        PASSED_ON: 'harmless',
        NORTHSTAR_ISOLATION_ENV: 'PASSED_ON',
      },
    });
  beforeAll(async () => {
    process.env.CANARY_OF_TEST = SECRETS[0];
    host = await start();
    http = httpClient(host.url, host.headers);
  });
  afterAll(async () => {
    delete process.env.CANARY_OF_TEST;
    await host.close();
  });
  const attack = (scope: string, args: object = {}, at = http) => at(`/tools/hostile.${scope}`, { json: args });

  test('[ISO-02] neither the environment of the host nor the token of the caller is anywhere in sight', async () => {
    const call = { headers: { authorization: `Bearer ${SECRETS[1]}` } };
    const answer = await http('/tools/hostile.look', { json: {}, ...call });
    expect(answer.status).toBe(200);
    for (const secret of [...SECRETS, 'NORTHSTAR_', 'Bearer']) expect(answer.text).not.toContain(secret);
    expect(answer.json.seen).toContain('PASSED_ON');
  });

  test('[ISO-02] the records of another tenant and of another muscle stay out of reach', async () => {
    const other = httpClient(host.url, { ...host.headers, 'X-Tenant-Id': 't_other' });
    await attack('keep', { key: 'mine' });
    await http('/tools/probe.remember', { json: { key: 'mine', value: 'of probe' } });
    expect((await attack('keep', { key: 'mine' }, other)).status).toBe(200);
    // What is kept now is the context of the other tenant's call, which is over.
    expect((await attack('reuse', { key: 'mine' })).json.failed).toContain('This call is over');
  });

  test('[ISO-02] a message in the name of another call finds no context', async () => {
    const waiting = http('/tools/probe.sleep', { json: { id: 'iso', ms: 500 } });
    const { answers } = (await attack('steal', { what: 'guessed', key: 'mine' })).json as {
      answers: { value: unknown }[];
    };
    for (const { value } of answers) expect(value).toMatchObject({ ok: false, error: { code: 'call.over' } });
    expect(answers).toHaveLength(mode === 'worker' ? 1 : 0);
    await waiting;
  });

  describe.each(FORGED.map((forged) => ({ forged })))('one host', ({ forged }) => {
    let own: ProbeHost;
    beforeAll(async () => {
      own = await start();
    });
    afterAll(() => own.close());

    test.each(forged)('[ISO-05] %s ends the isolate that sent it, and harms nobody else', async (what) => {
      const call = httpClient(own.url, own.headers);
      const failed = await attack('send', { what }, call);
      expect([codeOf(failed), failed.json.error.retryable]).toEqual(['muscle.failed', true]);
      expect(failed.json.error.message).toContain('it broke the protocol');
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
      const other = (await callTool(call, 'probe.echo', { marker: what })).rpc.result.structuredContent;
      expect(other).toMatchObject({ args: { marker: what }, polluted: null });
    });
  });
});
