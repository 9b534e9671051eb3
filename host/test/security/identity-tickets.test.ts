import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeOf, httpClient, type HttpCall } from '../integration/support/http-client.ts';
import { expectNoUnhandledRejections, startProbeHost, type ProbeHost } from '../integration/support/probe-host.ts';

let host: ProbeHost;
let http: HttpCall;
let bare: HttpCall;
expectNoUnhandledRejections();
beforeAll(async () => {
  host = await startProbeHost();
  http = httpClient(host.url, host.headers);
  bare = httpClient(host.url, {});
});
afterAll(() => host.close());

const RESOURCE = '/probe/things/7';
async function ticket(body: object = {}, headers: Record<string, string> = {}): Promise<string> {
  const answer = await http('/tickets', { json: { resource: RESOURCE, ...body }, headers });
  expect(answer.status).toBe(201);
  return answer.json.ticket as string;
}

test('[ID-03] a ticket opens its resource as the caller who asked for it, once', async () => {
  const url = `${RESOURCE}?ticket=${await ticket({}, { 'X-Tenant-Id': 't_ticket' })}`;
  const first = await bare(url);
  expect({ status: first.status, tenant: first.json.tenant_id }).toEqual({ status: 200, tenant: 't_ticket' });
  const second = await bare(url);
  expect({ status: second.status, code: codeOf(second) }).toEqual({ status: 401, code: 'ticket.invalid' });
});

test('[ID-03] of twenty racing redeems one wins', async () => {
  const url = `${RESOURCE}?ticket=${await ticket()}`;
  const answers = await Promise.all(Array.from({ length: 20 }, () => bare(url)));
  expect(answers.filter(({ status }) => status === 200).length).toBe(1);
  expect(answers.filter((answer) => codeOf(answer) === 'ticket.invalid').length).toBe(19);
});

test('[ID-03] a ticket opens no other resource, and trying does not use it up', async () => {
  const one = await ticket();
  expect(codeOf(await bare(`/probe/things/8?ticket=${one}`))).toBe('ticket.invalid');
  expect(codeOf(await bare(`/tools?ticket=${one}`))).toBe('ticket.invalid');
  expect((await bare(`${RESOURCE}?ticket=${one}`)).status).toBe(200);
});

test.each(['POST', 'PUT', 'DELETE'])('[ID-03] a ticket does not open %s', async (method) => {
  const answer = await bare(`${RESOURCE}?ticket=${await ticket()}`, { method });
  expect(answer.status).toBeGreaterThanOrEqual(400);
});

test('[ID-03] a ticket does not open MCP', async () => {
  const answer = await bare(`/mcp?ticket=${await ticket({ resource: '/mcp' })}`, { json: {} });
  expect(codeOf(answer)).toBe('context.missing_mode');
});

test('[ID-03] an expired ticket is refused', async () => {
  const one = await ticket({ ttl_seconds: 1 });
  await new Promise((resolve) => setTimeout(resolve, 1100));
  expect(codeOf(await bare(`${RESOURCE}?ticket=${one}`))).toBe('ticket.invalid');
});

test.each(['', 'tkt_', 'tkt_unknown', '../../etc/passwd', '%00'])('[ID-03] the ticket "%s" is refused', async (one) => {
  const answer = await bare(`${RESOURCE}?ticket=${one}`);
  expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 401, code: 'ticket.invalid' });
});

test.each([
  { ttl_seconds: 0 },
  { ttl_seconds: 301 },
  { ttl_seconds: 1.5 },
  { resource: 'http://evil.test/' },
  { resource: '/a b' },
  { resource: '/a?b=c' },
  { resource: '/a', tenant_id: 't_other' },
])('[ID-03] asking for a ticket with %o is refused', async (body) => {
  const answer = await http('/tickets', { json: { resource: RESOURCE, ...body } });
  expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 400, code: 'request.invalid' });
});

test('[ID-03] a header that contradicts the ticket is refused', async () => {
  const answer = await bare(`${RESOURCE}?ticket=${await ticket()}`, { headers: { 'X-Tenant-Id': 't_other' } });
  expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 403, code: 'identity.mismatch' });
});

test('[ID-03] a ticket is not stored in the clear', async () => {
  const one = await ticket();
  const files = await readdir(host.config.dataDir, { recursive: true, withFileTypes: true });
  const contents = await Promise.all(
    files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name), 'latin1')),
  );
  expect(contents.length).toBeGreaterThan(0);
  expect(contents.some((content) => content.includes(one))).toBe(false);
});
