import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestHost, type TestHost } from '../../src/testing/index.ts';
import { PLUGINS } from '../acceptance/repository.ts';
import { codeOf, httpClient, type HttpCall } from './support/http-client.ts';
import { startIssuer, type Issuer } from './support/issuer.ts';

let issuer: Issuer;
let host: TestHost;
let ann: HttpCall;
let bob: HttpCall;
let operator: HttpCall;
let otherTenant: HttpCall;
let otherMode: HttpCall;

beforeAll(async () => {
  issuer = await startIssuer();
  host = await createTestHost({ plugins: [PLUGINS], muscles: ['echo'], env: issuer.env });
  const as = async (claims: object, mode = 'lab'): Promise<HttpCall> => {
    const token = await issuer.sign({ ...claims });
    return httpClient(host.url, { authorization: `Bearer ${token}`, 'x-mode': mode, 'x-project-id': 'p_one' });
  };
  ann = await as({ sub: 'u_ann', tenant_id: 't_acme' });
  bob = await as({ sub: 'u_bob', tenant_id: 't_acme' });
  operator = await as({ sub: 'u_ops', tenant_id: 't_acme', roles: ['operator'] });
  otherTenant = await as({ sub: 'u_eve', tenant_id: 't_other' });
  otherMode = await as({ sub: 'u_ann', tenant_id: 't_acme' }, 'saas');
});
afterAll(async () => {
  await host.close();
  await issuer.close();
});

const append = (as: HttpCall, stream: string, rest: object = {}) =>
  as('/events/append', { json: { stream, type: 'order.placed', data: { n: 1 }, ...rest } });
const replay = (as: HttpCall, stream: string, query = '') =>
  as(`/events/replay?stream=${encodeURIComponent(stream)}${query}`);
const audited = async (): Promise<{ data: { operation?: string; decision: string } }[]> =>
  (await operator('/audit?limit=1000')).json.records;

test('[EVENT-01] what is appended is replayed in order, page by page, by others of the tenant', async () => {
  const cursors: string[] = [];
  for (let n = 1; n <= 5; n++) {
    const { status, json } = await append(ann, 'orders/1', { data: { n } });
    expect({ status, seq: json.seq, duplicate: json.duplicate }).toEqual({ status: 201, seq: n, duplicate: false });
    cursors.push(json.cursor);
  }
  const first = (await replay(bob, 'orders/1', '&limit=3')).json;
  expect(first.events.map((event: { data: object }) => event.data)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  expect(first.events[0]).toEqual({
    cursor: cursors[0],
    seq: 1,
    event_id: expect.any(String),
    type: 'order.placed',
    at: expect.stringMatching(/Z$/),
    data: { n: 1 },
  });
  expect([first.next_cursor, first.more]).toEqual([cursors[2], true]);
  const rest = (await replay(bob, 'orders/1', `&cursor=${first.next_cursor}`)).json;
  expect([rest.events.length, rest.next_cursor, rest.more]).toEqual([2, cursors[4], false]);
  expect((await replay(bob, 'orders/1', `&cursor=${cursors[4]}`)).json).toEqual({
    events: [],
    next_cursor: cursors[4],
    more: false,
  });
  expect((await replay(bob, 'nothing')).json).toEqual({ events: [], next_cursor: null, more: false });
});

test('[EVENT-01] the same event_id twice stores once, also from many callers at once', async () => {
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => append(ann, 'orders/2', { event_id: 'placed-7', data: null })),
  );
  expect(new Set(answers.map(({ status, json }) => `${status} ${json.cursor}`)).size).toBe(1);
  expect(answers.filter(({ json }) => !json.duplicate)).toHaveLength(1);
  const { events } = (await replay(ann, 'orders/2')).json;
  expect(events).toMatchObject([{ event_id: 'placed-7', data: null }]);
});

test('[EVENT-01] every append is in the audit chain, and so is every attempt that was refused', async () => {
  const count = async (decision: string): Promise<number> =>
    (await audited()).filter(({ data }) => data.operation === 'POST /events/append' && data.decision === decision)
      .length;
  const before = [await count('allow'), await count('deny')];
  await append(ann, 'orders/3');
  await append(ann, 'audit/lab');
  expect([await count('allow'), await count('deny')]).toEqual(before.map((n) => n + 1));
});

test.each(['audit/lab', 'audit/', 'safety/user/u_ann', 'versions/config_store~a', 'muscle:echo/x'])(
  "[EVENT-02] the host's own stream %s cannot be written to, and only an operator replays it",
  async (stream) => {
    for (const as of [ann, operator]) {
      const refused = await append(as, stream);
      expect([refused.status, codeOf(refused)]).toEqual([403, 'events.reserved_stream']);
    }
    const refused = await replay(ann, stream);
    expect([refused.status, codeOf(refused)]).toEqual([403, 'identity.operator_required']);
    expect((await replay(operator, stream)).status).toBe(200);
  },
);

test("[EVENT-02] an operator replays the decisions of its own tenant, and never another tenant's", async () => {
  await ann('/tools/echo.ping', { json: { message: 'hello' } });
  const { events } = (await replay(operator, 'safety/user/u_ann')).json;
  expect(events.at(-1)).toMatchObject({ type: 'SAFETY_DECISION', data: { action: 'echo.ping' } });
  const records = (await audited()) as unknown[];
  expect((await replay(operator, 'audit/lab', '&limit=1000')).json.events.length).toBe(records.length);
});

test.each([
  '../audit/lab',
  './audit/lab',
  '/audit/lab',
  'AUDIT/lab',
  'аudit/lab',
  '%61udit/lab',
  'open/lab/../../audit/lab',
  'audit',
  'audit\\lab',
  't_other/orders',
  '../../t_other/orders/1',
  '__proto__',
  'constructor',
  '.',
  '..',
  '*',
  '>',
  'x'.repeat(400),
])('[EVENT-02] the name %s is a stream like any other, and reaches nothing else', async (stream) => {
  const chain = (await operator('/audit/verify')).json;
  expect((await append(ann, stream, { data: stream })).status).toBe(201);
  expect((await replay(ann, stream)).json.events.map(({ data }: { data: unknown }) => data)).toEqual([stream]);
  expect((await replay(otherTenant, stream)).json.events).toEqual([]);
  expect(codeOf(await replay(otherMode, stream))).toBe('event_spine.missing_route');
  const now = (await operator('/audit/verify')).json;
  // One record of the append, and none that the append itself has written.
  expect([now.ok, now.records]).toEqual([true, chain.records + 1]);
});

test.each(['', '\u0000', 'a\nb', '\u0085', 'x'.repeat(501), 'é'.repeat(400)])(
  '[EVENT-02] the name %j is refused with a clear 400, on both routes',
  async (stream) => {
    for (const refused of [await append(ann, stream), await replay(ann, stream)]) {
      expect(refused.status).toBe(400);
      expect(['key.invalid', 'request.invalid']).toContain(codeOf(refused));
    }
  },
);

test.each([
  { body: {}, what: 'an empty one' },
  { body: { stream: 'a', type: 't' }, what: 'one without data' },
  { body: { stream: 'a', type: '', data: 1 }, what: 'an empty type' },
  { body: { stream: 'a', type: 't', data: 1, tenant_id: 't_other' }, what: 'one that names a tenant' },
  { body: { stream: 'a', type: 't\u0000', data: 1 }, what: 'a control character in the type' },
  { body: { stream: 'a', type: 't', data: 1, event_id: '\u0000' }, what: 'a control character in the id' },
])('[EVENT-01] a body is refused with 400: $what', async ({ body }) => {
  expect((await ann('/events/append', { json: body })).status).toBe(400);
});

test('[EVENT-03] a cursor that no stream, or another stream gave out is cursor.invalid', async () => {
  const { cursor } = (await append(ann, 'orders/4')).json;
  await append(ann, 'orders/5');
  for (const bad of ['x', 'AAAA', '__proto__', `${cursor}x`, encodeURIComponent('\u0000')]) {
    const refused = await replay(ann, 'orders/4', `&cursor=${bad}`);
    expect([refused.status, codeOf(refused)]).toEqual([410, 'cursor.invalid']);
  }
  expect(codeOf(await replay(ann, 'orders/5', `&cursor=${cursor}`))).toBe('cursor.invalid');
  for (const limit of ['0', '1001', 'many', '1.5']) {
    expect((await replay(ann, 'orders/4', `&limit=${limit}`)).status).toBe(400);
  }
});
