import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fakeContext, type FakeStores } from '@northstar/sdk/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CapabilityFactory } from '../../src/pipeline/capability-factory.ts';
import { openEmbeddedStores } from '../../src/stores/open-embedded-stores.ts';

type Scenario = (stores: FakeStores) => Promise<unknown>;

const bytesOf = async (body: AsyncIterable<Uint8Array>): Promise<string> => {
  let text = '';
  for await (const chunk of body) text += Buffer.from(chunk).toString();
  return text;
};
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no error',
    (error: { code?: string; name: string }) => error.code ?? error.name,
  );

/** What a handler may do with its stores. The answer must be the same in the kit and in the host. */
const SCENARIOS: { readonly [name: string]: Scenario } = {
  'conditions on records': async ({ tabular }) => {
    const { version } = await tabular.put('a', { n: 1 }, { ifVersion: 'absent' });
    const next = await tabular.put('a', { n: 2 }, { ifVersion: version });
    return [
      next.version !== version,
      await codeOf(tabular.put('a', 3, { ifVersion: 'absent' })),
      await codeOf(tabular.put('a', 3, { ifVersion: version })),
      await codeOf(tabular.put('b', 3, { ifVersion: version })),
      await codeOf(tabular.delete('a', { ifVersion: version })),
      (await tabular.get('a'))?.value,
      await tabular.delete('a'),
      await tabular.delete('a'),
      await tabular.get('a'),
    ];
  },
  'listings and their cursors': async ({ tabular }) => {
    for (const key of ['p/b', 'p/a', 'p/A', 'p/é', 'p/_', 'p/10', 'p/9', 'p/ x', 'q']) await tabular.put(key, key);
    const seen: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = await tabular.list({ prefix: 'p/', limit: 3, ...(cursor !== undefined && { cursor }) });
      seen.push(page.items.map(({ key }) => key));
      ({ cursor } = page);
    } while (cursor !== undefined);
    return [seen, await codeOf(tabular.list({ cursor: 'made up' })), await codeOf(tabular.list({ limit: 1001 }))];
  },
  'keys that are none': ({ tabular, objects }) =>
    Promise.all(
      ['', 'a\nb', '\ud800', 'x'.repeat(513)].flatMap((key) => [codeOf(tabular.get(key)), codeOf(objects.stat(key))]),
    ),
  objects: async ({ objects }) => {
    async function* body() {
      yield Buffer.from('hello ');
      yield Buffer.from('world');
    }
    const { version: _version, ...info } = await objects.put('o', body(), { mediaType: 'text/plain' });
    return [
      info,
      await bytesOf((await objects.get('o'))!.body),
      await bytesOf((await objects.get('o', { range: [6, 10] }))!.body),
      await codeOf(objects.get('o', { range: [6, 11] })),
      await codeOf(objects.put('big', Buffer.alloc(11), { mediaType: 'text/plain', maxBytes: 10 })),
      await objects.stat('big'),
      await objects.delete('o'),
      await objects.get('o'),
    ];
  },
  events: async ({ events }) => {
    const first = await events.append('s', { type: 'made', data: { n: 1 }, eventId: 'e1' });
    const again = await events.append('s', { type: 'made', data: { n: 1 }, eventId: 'e1' });
    await events.append('s', { type: 'made', data: { n: 2 } });
    const page = await events.read('s', { limit: 1 });
    const rest = await events.read('s', { after: page.events[0]!.cursor });
    return [
      again.seq === first.seq && again.cursor === first.cursor,
      [page.more, page.events.map(({ type, data, seq }) => ({ type, data, seq }))],
      [rest.more, rest.events.map(({ data, seq }) => ({ data, seq }))],
      await events.read('nobody'),
      await codeOf(events.read('s', { after: 'made up' })),
    ];
  },
};

let folder: string;
let stores: Awaited<ReturnType<typeof openEmbeddedStores>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'northstar-parity-'));
  stores = await openEmbeddedStores(folder);
});
afterAll(async () => {
  await stores.close();
  await rm(folder, { recursive: true, force: true });
});

test.each(Object.keys(SCENARIOS))('[KIT-05] the stores of the testing kit behave as the host’s: %s', async (name) => {
  const audience = { tenantId: `t_${name.replaceAll(' ', '-')}`, mode: 'lab' as const, projectId: 'p_test' };
  const requires = ['tabular_store', 'object_store', 'event_spine'] as const;
  const real = new CapabilityFactory(stores).grant(audience, 'parity', requires) as FakeStores;
  expect(await SCENARIOS[name]!(fakeContext())).toEqual(await SCENARIOS[name]!(real));
});
