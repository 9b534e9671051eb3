import { expect, test } from 'vitest';
import { readConfig } from '../../src/config/read-config.ts';
import { firstKept, Retention } from '../../src/spine/retention.ts';
import { notingStreams } from '../../src/spine/stream-notes.ts';
import { silentLogger } from '../../src/log/logger.ts';
import { openEmbeddedStores } from '../../src/stores/open-embedded-stores.ts';
import { tempFolder } from '../../src/stores/contract/temp-folder.ts';
import { createTestHost } from '../../src/testing/index.ts';
import { PLUGINS } from '../acceptance/repository.ts';
import { codeOf, httpClient } from './support/http-client.ts';

const DAY = 24 * 60 * 60 * 1000;
const START = Date.parse('2030-01-01T00:00:00.000Z');

async function withStores(
  work: (stores: Awaited<ReturnType<typeof openEmbeddedStores>>, setDay: (day: number) => void) => Promise<void>,
): Promise<void> {
  const folder = await tempFolder();
  let now = START;
  const stores = await openEmbeddedStores(folder.path, { now: () => now });
  try {
    await work(stores, (day) => {
      now = START + day * DAY;
    });
  } finally {
    await stores.close();
    await folder.remove();
  }
}

test('[EVENT-04] a host forgets by its rules while it runs, and an expired cursor is cursor.invalid', async () => {
  const rules = { open: { events: 3 }, every_minutes: 0.0005 };
  const env = { NORTHSTAR_RETENTION: JSON.stringify(rules) };
  const host = await createTestHost({ plugins: [PLUGINS], muscles: ['echo'], env });
  const call = httpClient(host.url, host.headers);
  const cursors: string[] = [];
  for (let n = 1; n <= 10; n++) {
    const { json } = await call('/events/append', { json: { stream: 'orders', type: 't', data: n } });
    cursors.push(json.cursor);
  }
  const kept = async (): Promise<number[]> =>
    (await call('/events/replay?stream=orders')).json.events.map(({ data }: { data: number }) => data);
  await expect.poll(kept, { timeout: 15_000 }).toEqual([8, 9, 10]);
  const expired = await call(`/events/replay?stream=orders&cursor=${cursors[0]}`);
  expect([expired.status, codeOf(expired)]).toEqual([410, 'cursor.invalid']);
  expect((await call(`/events/replay?stream=orders&cursor=${cursors[8]}`)).json.events).toHaveLength(1);
  expect((await call('/audit/verify')).json).toMatchObject({ ok: true, records: 10 });
  await host.close();
});

test.each([
  { rule: { days: 3 }, keeps: [7, 8, 9] },
  { rule: { events: 4 }, keeps: [6, 7, 8, 9] },
  { rule: { days: 3, events: 2 }, keeps: [8, 9] },
  { rule: { days: 2, events: 100 }, keeps: [8, 9] },
  { rule: { days: 100 }, keeps: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] },
  { rule: { days: 0.1 }, keeps: [9] },
])('[EVENT-04] of ten events, one a day, $rule keeps $keeps', async ({ rule, keeps }) => {
  await withStores(async ({ spine }, setDay) => {
    const at = { tenantId: 't_a', stream: 'open/lab/a' };
    for (let day = 0; day < 10; day++) {
      setDay(day);
      await spine.append(at, { type: 't', data: day });
    }
    const before = await firstKept(spine, at, rule, START + 9.5 * DAY);
    if (before !== undefined) await spine.trim(at, { before });
    expect((await spine.read(at)).events.map(({ data }) => data)).toEqual(keeps);
  });
});

test('[EVENT-04] each kind has its own rule, kinds without one keep all, and the audit chain stays whatever is noted', async () => {
  await withStores(async ({ spine: bare, tabular }) => {
    const config = { rules: { open: { events: 1 }, safety: { events: 2 } }, everyMs: 1000 };
    const spine = notingStreams({ spine: bare, tabular }, config);
    const names = ['open/lab/a', 'safety/user/u_a', 'versions/x~y', 'muscle:echo/log', 'audit/lab', 'new/kind'];
    for (const stream of names)
      for (let n = 0; n < 5; n++) await spine.append({ tenantId: 't_a', stream }, { type: 't', data: n });
    await tabular.put({ tenantId: 't_system', kind: 'event_streams' }, 't_a/forged', {
      tenantId: 't_a',
      stream: 'audit/lab',
    });
    await new Retention(config, { spine, tabular, logger: silentLogger }).run();
    const kept = await Promise.all(names.map((stream) => bare.read({ tenantId: 't_a', stream })));
    expect(kept.map(({ events }) => events.length)).toEqual([1, 2, 5, 5, 5, 5]);
  });
});

test('[EVENT-04] a stream that cannot be trimmed does not keep the others from it', async () => {
  await withStores(async ({ spine: bare, tabular }) => {
    const config = { rules: { open: { events: 1 } }, everyMs: 1000 };
    const spine = notingStreams({ spine: bare, tabular }, config);
    for (const tenantId of ['t_a', 't_b', 't_c'])
      for (let n = 0; n < 5; n++) await spine.append({ tenantId, stream: 'open/lab/a' }, { type: 't', data: n });
    const broken = {
      ...spine,
      read: (...[at, query]: Parameters<typeof spine.read>) =>
        at.tenantId === 't_b' ? Promise.reject(new Error('not today')) : spine.read(at, query),
    };
    await new Retention(config, { spine: broken, tabular, logger: silentLogger }).run();
    const left = await Promise.all(
      ['t_a', 't_b', 't_c'].map((tenantId) => bare.read({ tenantId, stream: 'open/lab/a' })),
    );
    expect(left.map(({ events }) => events.length)).toEqual([1, 5, 1]);
  });
});

test.each(['{', '[]', '{"audit":{"days":1}}', '{"open":{}}', '{"open":{"days":-1}}', '{"open":{"events":0}}'])(
  '[EVENT-04] NORTHSTAR_RETENTION of %s stops the start and says what is expected',
  (value) => {
    expect(() => readConfig({ NORTHSTAR_RETENTION: value }, '/')).toThrow(
      /NORTHSTAR_RETENTION is not of the form .*audit chain cannot be in it/,
    );
  },
);
