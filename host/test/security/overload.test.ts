import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeOf, httpClient, type HttpCall } from '../integration/support/http-client.ts';
import { callTool } from '../integration/support/mcp-rpc.ts';
import { expectNoUnhandledRejections, startProbeHost, type ProbeHost } from '../integration/support/probe-host.ts';

let host: ProbeHost;
let http: HttpCall;
expectNoUnhandledRejections();
beforeAll(async () => {
  host = await startProbeHost({ limits: { inFlight: 4 } });
  http = httpClient(host.url, host.headers);
});
afterAll(() => host.close());

test('[SEC-08] over the cap calls are told to come again, and the host recovers', async () => {
  const running = Array.from({ length: 4 }, (_, index) =>
    http('/tools/probe.sleep', { json: { id: `s${index}`, ms: 800 } }),
  );
  await wait(300);
  const refused = await http('/tools/probe.echo', { json: {} });
  expect({ status: refused.status, code: codeOf(refused) }).toEqual({ status: 503, code: 'overload.in_flight' });
  expect(refused.json.error.retryable).toBe(true);
  expect((await callTool(http, 'probe.echo')).rpc.error.data.error.code).toBe('overload.in_flight');
  expect((await http('/health')).status).toBe(200);
  expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect((await http('/tools/probe.echo', { json: {} })).status).toBe(200);
});

test('[SEC-08] refused, failed and abandoned calls give their place back', async () => {
  for (let index = 0; index < 12; index++) {
    await http('/tools/probe.crash', { json: {} });
    await http('/tools/probe.echo', { json: { marker: 7 } });
    await http('/tools/probe.stall', { json: { id: `stall${index}`, ignore: true } });
    const hangUp = AbortSignal.timeout(20);
    await http('/tools/probe.sleep', { json: { id: `gone${index}`, ms: 10_000 }, signal: hangUp }).catch(
      () => undefined,
    );
  }
  expect((await http('/tools/probe.echo', { json: {} })).status).toBe(200);
});
