import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { codeOf, httpClient, type HttpCall } from './support/http-client.ts';
import { callTool } from './support/mcp-rpc.ts';
import { expectNoUnhandledRejections, startProbeHost, type ProbeHost } from './support/probe-host.ts';

expectNoUnhandledRejections();
/** Without a price book: every call costs a tenth of a cent. */
const CALL = 0.001;
let host: ProbeHost;
beforeAll(async () => {
  host = await startProbeHost();
});
afterAll(() => host.close());

let tenants = 0;
/** A tenant of its own for each test. */
function tenant(headers: Record<string, string> = {}, name = `t_budget-${(tenants += 1)}`): HttpCall {
  return httpClient(host.url, { ...host.headers, 'X-Tenant-Id': name, ...headers });
}
const setPolicy = async (http: HttpCall, json: object): Promise<void> => {
  const answer = await http('/budget/policy', { method: 'PUT', json: { window: 'day', currency: 'USD', ...json } });
  expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 200 });
};
const echo = (http: HttpCall) => http('/tools/probe.echo', { json: {} });
const policies = async (http: HttpCall) =>
  (await http('/budget/policy')).json.policies as { spent: number; reserved: number }[];

test('[BUD-05] in lab a call needs no budget', async () => {
  expect((await echo(tenant())).status).toBe(200);
});

test('[BUD-05] over the threshold a call is refused with the figures, over HTTP and MCP alike', async () => {
  const http = tenant();
  await setPolicy(http, { threshold: 2 * CALL });
  expect((await echo(http)).status).toBe(200);
  expect((await callTool(http, 'probe.echo')).rpc.result).toBeDefined();
  const refused = await echo(http);
  expect(refused).toMatchObject({
    status: 403,
    json: {
      error: {
        code: 'budget.threshold_exceeded',
        gate: 'budget',
        retryable: false,
        details: { window: 'day', currency: 'USD', threshold: 0.002, cost: 0.001, action_name: 'probe.echo' },
      },
    },
  });
  const { spent, reserved, resets_at } = refused.json.error.details as Record<string, number>;
  expect(spent! + reserved!).toBe(0.002);
  expect(Date.parse(String(resets_at))).toBeGreaterThan(Date.now());
  for (const fact of ['budget.threshold_exceeded', 'probe.echo', '0.002 USD', 'PUT /budget/policy'])
    expect(refused.json.error.message).toContain(fact);
  expect((await callTool(http, 'probe.echo')).rpc.error).toMatchObject({
    code: 403,
    data: { error: { code: 'budget.threshold_exceeded', gate: 'budget' } },
  });
  const { records } = (await http('/audit?limit=100')).json as { records: { data: object }[] };
  expect(records.map(({ data }) => data)).toContainEqual(
    expect.objectContaining({ decision: 'deny', gate: 'budget', code: 'budget.threshold_exceeded' }),
  );
});

test('[BUD-01] of a hundred calls at once exactly as many run as the budget holds', async () => {
  const http = tenant();
  await setPolicy(http, { threshold: 37 * CALL });
  const answers = await Promise.all(Array.from({ length: 100 }, () => echo(http)));
  const codes = answers.map((answer) => codeOf(answer) ?? answer.status);
  expect(codes.filter((code) => code === 200)).toHaveLength(37);
  expect(codes.filter((code) => code === 'budget.threshold_exceeded')).toHaveLength(63);
  await vi.waitFor(async () => expect(await policies(http)).toMatchObject([{ spent: 0.037, reserved: 0 }]));
});

test('[BUD-02] a call that fails gives back what it reserved, however it fails', async () => {
  const http = tenant();
  await setPolicy(http, { threshold: CALL });
  const failing = [
    () => http('/tools/probe.crash', { json: {} }),
    () => http('/tools/probe.refuse', { json: {} }),
    () => http('/tools/probe.answer', { json: { what: 'failure' } }),
    () => http('/tools/probe.wrong', { json: {} }),
  ];
  for (const fail of failing) {
    const answer = await fail();
    expect({ ok: answer.status < 400, code: codeOf(answer) }).not.toMatchObject({ code: 'budget.threshold_exceeded' });
    await vi.waitFor(async () => expect(await policies(http)).toMatchObject([{ spent: 0, reserved: 0 }]));
  }
  expect((await echo(http)).status).toBe(200);
});

test('[BUD-06] every policy that covers a call must have room, and one that does not cover it takes no part', async () => {
  const http = tenant();
  await setPolicy(http, { threshold: 1 });
  await setPolicy(http, { threshold: 0, surface: 'canvas' });
  await setPolicy(http, { threshold: 0, app: 'mobile' });
  await setPolicy(http, { threshold: 0, tool_id: 'neighbour' });
  await setPolicy(http, { threshold: 0, mode: 'saas' });
  const name = `t_budget-${tenants}`;
  const codes = async (headers: Record<string, string>, scope = 'probe.echo') =>
    codeOf(await tenant(headers, name)(`/tools/${scope}`, { json: {} }));
  expect(await codes({})).toBeUndefined();
  expect(await codes({ 'X-Surface-Id': 'chat', 'X-App-Id': 'desktop' })).toBeUndefined();
  expect(await codes({ 'X-Surface-Id': 'canvas' })).toBe('budget.threshold_exceeded');
  expect(await codes({ 'X-App-Id': 'mobile' })).toBe('budget.threshold_exceeded');
  expect(await codes({}, 'neighbour.facts')).toBe('budget.threshold_exceeded');
});

test('[BUD-06] a policy of the system tenant holds for every tenant, each counted by itself', async () => {
  const system = tenant({}, 't_system');
  await setPolicy(system, { threshold: CALL, surface: 'metered' });
  const metered = { 'X-Surface-Id': 'metered' };
  const [one, two] = [tenant(metered), tenant(metered)];
  expect((await echo(one)).status).toBe(200);
  expect(codeOf(await echo(one))).toBe('budget.threshold_exceeded');
  expect((await echo(two)).status).toBe(200);
  expect((await one('/budget/policy')).json).toEqual({ policies: [] });
  expect((await system('/budget/policy?window=day&surface=metered', { method: 'DELETE' })).status).toBe(200);
  expect((await echo(one)).status).toBe(200);
});

test('[BUD-07] reported usage counts, once for each request id', async () => {
  const http = tenant();
  await setPolicy(http, { threshold: 1 });
  const json = { tool_id: 'probe', cost: 0.4, currency: 'USD', request_id: 'req_llm_1', run_id: 'run_1' };
  const first = await http('/budget/usage', { json });
  expect(first).toMatchObject({ status: 201, json: { cost: 0.4, request_id: 'req_llm_1', duplicate: false } });
  const again = await Promise.all(Array.from({ length: 10 }, () => http('/budget/usage', { json })));
  for (const answer of again)
    expect(answer).toMatchObject({ status: 201, json: { usage_id: first.json.usage_id, duplicate: true } });
  expect(await policies(http)).toMatchObject([{ spent: 0.4 }]);
  expect((await echo(http)).status).toBe(200);
  await http('/budget/usage', { json: { cost: 0.7, currency: 'USD' } });
  expect(codeOf(await echo(http))).toBe('budget.threshold_exceeded');
});

test('[BUD-07] usage is summed by window and tool, calls of the host included', async () => {
  const http = tenant();
  await echo(http);
  await http('/budget/usage', { json: { tool_id: 'search', cost: '0.25', currency: 'USD' } });
  await vi.waitFor(async () => {
    for (const window of ['day', 'month', 'total'])
      expect((await http(`/budget/usage?window=${window}`)).json).toMatchObject({
        ...{ window, currency: 'USD', total: 0.251, calls: 1 },
        by_tool: [
          { tool_id: 'search', cost: 0.25, calls: 0 },
          { tool_id: 'probe', cost: 0.001, calls: 1 },
        ],
      });
  });
});

test('[BUD-07] what was spent before there was a policy counts, and a raised threshold lets calls through', async () => {
  const http = tenant();
  await http('/budget/usage', { json: { tool_id: 'probe', cost: 2, currency: 'USD' } });
  await setPolicy(http, { threshold: 1 });
  await setPolicy(http, { threshold: 1, tool_id: 'neighbour', window: 'total' });
  expect(codeOf(await echo(http))).toBe('budget.threshold_exceeded');
  await setPolicy(http, { threshold: 3 });
  expect((await echo(http)).status).toBe(200);
});

test('[BUD-08] amounts are exact: three of 0.1 fit 0.3, and a fraction of a micro-dollar is refused', async () => {
  const http = tenant();
  await setPolicy(http, { threshold: 0.3, tool_id: 'neighbour' });
  for (let i = 0; i < 3; i++)
    await http('/budget/usage', { json: { tool_id: 'neighbour', cost: 0.1, currency: 'USD' } });
  expect(await policies(http)).toMatchObject([{ spent: 0.3 }]);
  const bad = [
    { cost: 0.0000001 },
    { cost: -1 },
    { cost: '1e3' },
    { cost: '1,5' },
    { cost: 1e9 },
    { cost: 1, currency: 'EUR' },
  ];
  for (const json of bad) expect(codeOf(await http('/budget/usage', { json }))).toBe('request.invalid');
  const wrong = [{ threshold: -1 }, { threshold: 1, currency: 'EUR' }, { threshold: 1, window: 'week' }, {}];
  for (const json of wrong)
    expect(codeOf(await http('/budget/policy', { method: 'PUT', json: { window: 'day', ...json } }))).toBe(
      'request.invalid',
    );
});

test('[BUD-06] policies are listed, replaced and removed', async () => {
  const http = tenant();
  await setPolicy(http, { threshold: 1, tool_id: 'probe', window: 'month' });
  await setPolicy(http, { threshold: 2, tool_id: 'probe', window: 'month' });
  expect((await http('/budget/policy')).json.policies).toMatchObject([
    { threshold: 2, tool_id: 'probe', currency: 'USD' },
  ]);
  const path = '/budget/policy?window=month&tool_id=probe';
  expect((await http(path, { method: 'DELETE' })).status).toBe(200);
  expect(codeOf(await http(path, { method: 'DELETE' }))).toBe('budget.policy_not_found');
  expect((await http('/budget/policy')).json.policies).toEqual([]);
  const warned = await http('/budget/policy', {
    method: 'PUT',
    json: { window: 'day', threshold: 1, tool_id: 'prbe', mode: 'lab' },
  });
  expect(warned.json.warning).toContain('No active muscle is called prbe');
});

test('[BUD-02] a finer check inside a call is asked of the budget, and costs nothing', async () => {
  const http = tenant();
  await setPolicy(http, { threshold: 2 * CALL });
  expect((await http('/tools/probe.ask_gate', { json: { action: 'probe.finer' } })).status).toBe(200);
  await vi.waitFor(async () => expect(await policies(http)).toMatchObject([{ spent: CALL, reserved: 0 }]));
});
