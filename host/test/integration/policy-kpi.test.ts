import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { codeOf, httpClient, type HttpCall } from './support/http-client.ts';
import { callTool } from './support/mcp-rpc.ts';
import { expectNoUnhandledRejections, startProbeHost, type ProbeHost } from './support/probe-host.ts';

expectNoUnhandledRejections();
let host: ProbeHost;
let http: HttpCall;
let tenants = 0;
beforeAll(async () => {
  host = await startProbeHost();
});
afterAll(() => host.close());
beforeEach(() => {
  http = httpClient(host.url, { ...host.headers, 'X-Tenant-Id': `t_kpi-${(tenants += 1)}` });
});

const KPI = 'error_rate';
const put = async (path: string, json: object): Promise<void> => {
  expect((await http(path, { method: 'PUT', json })).status).toBe(200);
};
const bind = (scope_name = 'probe.echo', kpi_name = KPI) =>
  put('/kpi/bindings', { tool_id: 'probe', scope_name, kpi_name });
const measure = (json: object) => http('/kpi/measurements', { json: { kpi_name: KPI, ...json } });
const echo = async (headers: Record<string, string> = {}) =>
  codeOf(await http('/tools/probe.echo', { json: {}, headers }));

describe('[ENG-08] bindings', () => {
  test('[ENG-08] a binding can be saved, retrieved by tool, and removed', async () => {
    const binding = { tool_id: 'probe', scope_name: 'probe.echo', kpi_name: KPI };
    expect((await http('/kpi/bindings', { method: 'PUT', json: binding })).json).toMatchObject(binding);
    await bind('probe.echo', 'latency');
    await put('/kpi/bindings', { tool_id: 'neighbour', scope_name: '*', kpi_name: KPI });
    const of = async (query: string) =>
      ((await http(`/kpi/bindings${query}`)).json.bindings as { tool_id: string; kpi_name: string }[])
        .map(({ tool_id, kpi_name }) => `${tool_id} ${kpi_name}`)
        .sort();
    expect(await of('?tool_id=probe')).toEqual([`probe ${KPI}`, 'probe latency']);
    expect(await of('?tool_id=neighbour')).toEqual([`neighbour ${KPI}`]);
    expect(await of('')).toHaveLength(3);
    const query = `?tool_id=probe&scope_name=probe.echo&kpi_name=${KPI}`;
    expect((await http(`/kpi/bindings${query}`, { method: 'DELETE' })).status).toBe(200);
    expect(codeOf(await http(`/kpi/bindings${query}`, { method: 'DELETE' }))).toBe('kpi.not_found');
    expect(await of('?tool_id=probe')).toEqual(['probe latency']);
  });

  test('[ENG-08] definitions and corridors can be saved and retrieved', async () => {
    const definition = { kpi_name: KPI, unit: '%', description: 'Share of answers that are wrong.' };
    await put('/kpi/definitions', definition);
    await put('/kpi/corridors', { kpi_name: KPI, ceiling: 5 });
    await put('/kpi/corridors', { kpi_name: KPI, surface: 'chat', floor: 1, ceiling: 2 });
    expect((await http('/kpi/definitions')).json.definitions).toMatchObject([definition]);
    expect((await http('/kpi/corridors')).json.corridors).toHaveLength(2);
    const path = `/kpi/corridors?kpi_name=${KPI}&surface=chat`;
    expect((await http(path, { method: 'DELETE' })).status).toBe(200);
    expect(codeOf(await http(path, { method: 'DELETE' }))).toBe('kpi.not_found');
    expect((await http('/kpi/corridors')).json.corridors).toMatchObject([{ kpi_name: KPI, ceiling: 5 }]);
  });
});

test('[KPI-01] outside of its corridor a KPI stops the scope, with the figures, over HTTP and MCP', async () => {
  await bind();
  await put('/kpi/corridors', { kpi_name: KPI, floor: 1, ceiling: 5 });
  await measure({ value: 7, at: '2026-01-01T00:00:00Z' });
  const refused = await http('/tools/probe.echo', { json: {} });
  expect(refused).toMatchObject({
    status: 403,
    json: {
      error: {
        code: 'kpi.ceiling_breached',
        gate: 'kpi',
        details: { kpi_name: KPI, value: 7, floor: 1, ceiling: 5, measured_at: '2026-01-01T00:00:00.000Z' },
      },
    },
  });
  for (const fact of [KPI, '7', 'ceiling of 5', 'POST /kpi/measurements'])
    expect(refused.json.error.message).toContain(fact);
  await measure({ value: 0.5 });
  expect((await callTool(http, 'probe.echo')).rpc.error).toMatchObject({
    code: 403,
    data: { error: { code: 'kpi.floor_breached', gate: 'kpi', details: { value: 0.5, floor: 1 } } },
  });
  expect(codeOf(await http('/tools/probe.facts', { json: {} }))).toBeUndefined();
  const { records } = (await http('/audit?limit=100')).json as { records: { data: object }[] };
  for (const code of ['kpi.ceiling_breached', 'kpi.floor_breached'])
    expect(records.map(({ data }) => data)).toContainEqual(expect.objectContaining({ gate: 'kpi', code }));
});

test('[KPI-01] the bounds belong to the corridor, and back inside the next call runs', async () => {
  await bind('*');
  await put('/kpi/corridors', { kpi_name: KPI, floor: 1, ceiling: 5 });
  const codes: (string | undefined)[] = [];
  for (const value of [1, 0.999, 5, 5.001, 3]) {
    await measure({ value });
    codes.push(await echo());
  }
  expect(codes).toEqual([undefined, 'kpi.floor_breached', undefined, 'kpi.ceiling_breached', undefined]);
});

test('[KPI-02] a measurement that arrives late does not replace a newer one', async () => {
  await bind();
  await put('/kpi/corridors', { kpi_name: KPI, ceiling: 5 });
  expect((await measure({ value: 9, at: '2026-02-01T00:00:00Z' })).json).toMatchObject({ latest: true });
  expect((await measure({ value: 1, at: '2026-01-01T00:00:00+02:00' })).json).toMatchObject({ latest: false });
  expect(await echo()).toBe('kpi.ceiling_breached');
  expect((await measure({ value: 2, at: '2026-03-01T00:00:00Z' })).json).toMatchObject({ latest: true });
  expect(await echo()).toBeUndefined();
  const { measurements } = (await http(`/kpi/measurements?kpi_name=${KPI}`)).json as { measurements: object[] };
  expect(measurements).toMatchObject([{ value: 2 }, { value: 9 }, { value: 1 }]);
});

test('[KPI-02] of measurements that arrive at once the latest by time counts', async () => {
  await bind();
  await put('/kpi/corridors', { kpi_name: KPI, ceiling: 29 });
  const days = Array.from({ length: 30 }, (_, day) => day + 1).sort(() => Math.random() - 0.5);
  await Promise.all(
    days.map((day) => measure({ value: day, at: `2026-01-${String(day).padStart(2, '0')}T00:00:00Z` })),
  );
  expect(await echo()).toBe('kpi.ceiling_breached');
});

test('[KPI-02] a measurement from ahead of the clock is refused: it would be the latest forever', async () => {
  expect(codeOf(await measure({ value: 1, at: '2999-01-01T00:00:00Z' }))).toBe('request.invalid');
});

test('[KPI-03] a surface has corridors and measurements of its own, and falls back to those without one', async () => {
  await bind();
  await put('/kpi/corridors', { kpi_name: KPI, ceiling: 5 });
  await put('/kpi/corridors', { kpi_name: KPI, surface: 'chat', ceiling: 10 });
  await measure({ value: 7 });
  expect(await echo()).toBe('kpi.ceiling_breached');
  expect(await echo({ 'X-Surface-Id': 'canvas' })).toBe('kpi.ceiling_breached');
  expect(await echo({ 'X-Surface-Id': 'chat' })).toBeUndefined();
  await measure({ value: 3, surface: 'canvas' });
  await measure({ value: 11, surface: 'chat' });
  expect(await echo({ 'X-Surface-Id': 'canvas' })).toBeUndefined();
  expect(await echo({ 'X-Surface-Id': 'chat' })).toBe('kpi.ceiling_breached');
});

test('[KPI-01] without a measurement, or without a corridor, nothing is outside', async () => {
  await bind();
  expect(await echo()).toBeUndefined();
  await measure({ value: 1e9 });
  expect(await echo()).toBeUndefined();
  await put('/kpi/corridors', { kpi_name: KPI, ceiling: 5 });
  expect(await echo()).toBe('kpi.ceiling_breached');
});

test('[KPI-01] another tenant has neither the binding nor the measurement', async () => {
  await bind('*');
  await put('/kpi/corridors', { kpi_name: KPI, ceiling: 5 });
  await measure({ value: 9 });
  const other = httpClient(host.url, { ...host.headers, 'X-Tenant-Id': 't_kpi-other' });
  expect((await other('/tools/probe.echo', { json: {} })).status).toBe(200);
  expect((await other('/kpi/bindings')).json.bindings).toEqual([]);
  expect((await other(`/kpi/measurements?kpi_name=${KPI}`)).json.measurements).toEqual([]);
});

test('[KPI-01] what makes no corridor or no measurement is refused by name', async () => {
  const bad = [{}, { floor: 2, ceiling: 1 }, { ceiling: '5' }, { ceiling: 1, celing: 2 }];
  for (const json of bad)
    expect(codeOf(await http('/kpi/corridors', { method: 'PUT', json: { kpi_name: KPI, ...json } }))).toBe(
      'request.invalid',
    );
  for (const json of [{}, { value: 'high' }, { value: 1, at: 'yesterday' }, { value: 1, kpi_name: 'a/b' }])
    expect(codeOf(await measure(json))).toBe('request.invalid');
});
