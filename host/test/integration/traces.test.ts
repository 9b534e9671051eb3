import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { httpClient } from './support/http-client.ts';
import { callTool } from './support/mcp-rpc.ts';
import { expectNoUnhandledRejections, startProbeHost } from './support/probe-host.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const CANARY = 'canary-argument-88';

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue: string };
}
interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly events: readonly { readonly name: string; readonly attributes: readonly Attribute[] }[];
  readonly status: { readonly code: number };
}

/** A collector: notes what is posted to it. */
const posts: { path: string; headers: IncomingHttpHeaders; body: string }[] = [];
const collector = createServer((req, res) => {
  let body = '';
  req.setEncoding('utf8').on('data', (text: string) => (body += text));
  req.on('end', () => {
    posts.push({ path: req.url ?? '', headers: req.headers, body });
    res.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
});
let spans: OtlpSpan[];
expectNoUnhandledRejections();

beforeAll(async () => {
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const host = await startProbeHost({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-collector-key=a%20key',
      OTEL_SERVICE_NAME: 'northstar-test',
    },
  });
  const http = httpClient(host.url, host.headers);
  const traced = (flags: string) => ({ headers: { traceparent: `00-${TRACE}-${PARENT}-${flags}` } });
  await callTool(http, 'probe.echo', { marker: CANARY }, traced('01'));
  await http('/tools/probe.typed', { json: { marker: CANARY }, ...traced('00') });
  await http('/tools/probe.ask_gate', { json: { action: 'probe.finer', subject_id: 'x' } });
  await http('/admin/kill-switch', {
    method: 'PUT',
    json: { target: 'scope', id: 'probe.plain', engaged: true, reason: 'test' },
  });
  await http('/tools/probe.plain', { json: {} });
  await host.close();
  spans = posts.flatMap(({ body }) =>
    (JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: OtlpSpan[] }[] }[] }).resourceSpans.flatMap(
      ({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans),
    ),
  );
});
afterAll(() => new Promise((resolve) => void collector.close(resolve)));

const spanOf = (name: string): OtlpSpan => spans.find((span) => span.name === name)!;
const facts = (attributes: readonly Attribute[]): Record<string, string> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));

test('[OBS-02] a collector gets OTLP JSON at the path of traces, with the configured headers', () => {
  expect(posts.length).toBeGreaterThan(0);
  for (const { path, headers } of posts) {
    expect(path).toBe('/v1/traces');
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'x-collector-key': 'a key' });
  }
  expect(posts[0]?.body).toContain('northstar-test');
});

test('[OBS-02] a call is one span under the trace of its caller, with an event for each gate that spoke', () => {
  const span = spanOf('probe.echo');
  expect(span).toMatchObject({ traceId: TRACE, parentSpanId: PARENT, status: { code: 1 } });
  expect(span.spanId).toMatch(/^[0-9a-f]{16}$/);
  expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano));
  expect(facts(span.attributes)).toMatchObject({
    'northstar.tool_id': 'probe',
    'northstar.transport': 'mcp',
    'northstar.code': 'ok',
  });
  const gates = span.events.map(({ attributes }) => facts(attributes));
  expect(gates.map((gate) => gate['northstar.gate'])).toEqual(expect.arrayContaining(['kill_switch', 'firearms']));
  expect(gates.every((gate) => gate['northstar.verdict'] === 'allow')).toBe(true);
});

test('[OBS-02] a denial ends its span as failed, and the gate that denied is its last event', () => {
  const span = spanOf('probe.plain');
  expect(span.status.code).toBe(2);
  expect(facts(span.events.at(-1)!.attributes)).toMatchObject({
    'northstar.gate': 'kill_switch',
    'northstar.verdict': 'deny',
    'northstar.code': 'kill_switch.engaged',
  });
});

test('[OBS-02] a finer question of a handler shows on the span of its call', () => {
  const actions = spanOf('probe.ask_gate').events.map(({ attributes }) => facts(attributes)['northstar.action']);
  expect(actions).toContain('probe.finer');
});

test('[OBS-02] a caller that does not sample its trace gets no span', () => {
  expect(spanOf('probe.typed')).toBeUndefined();
});

test('[OBS-02] no span holds an argument', () => {
  expect(JSON.stringify(posts)).not.toContain(CANARY);
});

test('[OBS-02] a collector that is away costs no call and no shutdown', async () => {
  const host = await startProbeHost({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' } });
  const answer = await httpClient(host.url, host.headers)('/tools/probe.echo', { json: {} });
  await host.close();
  expect(answer.status).toBe(200);
  expect(host.logged.filter((line) => line.includes('spans not sent'))).toHaveLength(1);
});

test.each([
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'nowhere' }, /OTEL_EXPORTER_OTLP_ENDPOINT/],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /OTLP_PROTOCOL/],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_EXPORTER_OTLP_HEADERS: 'a b=c' }, /OTLP_HEADERS/],
])('[OBS-02] settings that cannot work stop the start: %o', async (env, said) => {
  await expect(startProbeHost({ env: env as Record<string, string> })).rejects.toThrow(said);
});
