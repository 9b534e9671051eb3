import { createHash, randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ObjectInfo, ObjectStore } from '../object-store.ts';
import type { Partition } from '../tabular-store.ts';
import { expectCode, freshTenant, type ContractOptions, type Opened } from './contract-kit.ts';
import { expectPromises } from './expect-promises.ts';
import { HOSTILE_KEYS, REFUSED_KEYS, REFUSED_KINDS, REFUSED_TENANTS } from './hostile-names.ts';

const MB = 1024 * 1024;
const TEXT = { mediaType: 'text/plain' };

/** What the host relies on in an object store. A driver's test calls it in one line. */
export function describeObjectStore(
  name: string,
  open: () => Promise<Opened<ObjectStore>>,
  { scale = 'full' }: ContractOptions = {},
): void {
  const megabytes = scale === 'small' ? 8 : 64;
  describe(`object store: ${name}`, () => {
    let opened: Opened<ObjectStore>;
    let store: ObjectStore;
    let at: Partition;

    beforeAll(async () => {
      opened = await open();
      store = opened.store;
    });
    afterAll(() => opened?.close());
    beforeEach(() => {
      at = { tenantId: freshTenant(), kind: 'media' };
    });

    const text = async (place: Partition, key: string, range?: readonly [number, number]) => {
      const found = await store.get(place, key, { range });
      return found && Buffer.concat(await collect(found.body)).toString();
    };

    it('says what it promises, and the reference says the same', () => expectPromises(name, store.caps));

    it('returns what was put, with size, hash and media type', async () => {
      const bytes = randomBytes(300_000);
      const info = await store.put(at, 'a', chunks(bytes, 7001), { mediaType: 'image/png' });
      expect(info).toMatchObject({ key: 'a', size: 300_000, sha256: sha256(bytes), mediaType: 'image/png' });
      expect(await store.stat(at, 'a')).toEqual(info);
      const found = await store.get(at, 'a');
      expect(found?.info).toEqual(info);
      expect(Buffer.concat(await collect(found!.body)).equals(bytes)).toBe(true);
    });

    it('takes empty objects, and the same bytes under several names', async () => {
      const empty = await store.put(at, 'empty', new Uint8Array(), TEXT);
      expect([empty.size, await text(at, 'empty')]).toEqual([0, '']);
      await store.put(at, 'one', Buffer.from('same'), TEXT);
      await store.put(at, 'two', Buffer.from('same'), { mediaType: 'text/html' });
      await store.delete(at, 'one');
      expect(await text(at, 'two')).toBe('same');
      expect((await store.stat(at, 'two'))?.mediaType).toBe('text/html');
    });

    it('replaces and deletes', async () => {
      const first = await store.put(at, 'a', Buffer.from('first'), TEXT);
      const second = await store.put(at, 'a', Buffer.from('second'), TEXT);
      expect(second.version).not.toBe(first.version);
      expect(await text(at, 'a')).toBe('second');
      expect(await store.delete(at, 'a')).toBe(true);
      expect(await store.delete(at, 'a')).toBe(false);
      expect([await store.stat(at, 'a'), await store.get(at, 'a')]).toEqual([undefined, undefined]);
    });

    it('returns a range, first and last byte included, and refuses one outside', async () => {
      await store.put(at, 'a', Buffer.from('0123456789'), TEXT);
      expect(await text(at, 'a', [0, 0])).toBe('0');
      expect(await text(at, 'a', [3, 6])).toBe('3456');
      expect(await text(at, 'a', [0, 9])).toBe('0123456789');
      for (const range of [
        [5, 4],
        [-1, 2],
        [0, 10],
        [10, 10],
        [0.5, 2],
        [0, NaN],
      ] as [number, number][]) {
        await expect(store.get(at, 'a', { range })).rejects.toThrow(RangeError);
      }
    });

    it('stores nothing above maxBytes', async () => {
      await store.put(at, 'fits', chunks(Buffer.alloc(1000), 300), { ...TEXT, maxBytes: 1000 });
      for (const body of [Buffer.alloc(1001), chunks(Buffer.alloc(1001), 300)]) {
        await expectCode('too_large', store.put(at, 'a', body, { ...TEXT, maxBytes: 1000 }));
      }
      await expectCode('too_large', store.put(at, 'a', Buffer.alloc(1), { ...TEXT, maxBytes: NaN }));
      expect(await store.stat(at, 'a')).toBeUndefined();
    });

    it('stops reading a body that is too long', async () => {
      let closed = false;
      const endless = async function* (): AsyncGenerator<Uint8Array> {
        try {
          for (;;) yield Buffer.alloc(1000);
        } finally {
          closed = true;
        }
      };
      await expectCode('too_large', store.put(at, 'a', endless(), { ...TEXT, maxBytes: 10_000 }));
      expect(closed).toBe(true);
    });

    it('keeps the old object when the new body fails midway, and passes the failure on', async () => {
      await store.put(at, 'a', Buffer.from('old'), TEXT);
      const failing = async function* (): AsyncGenerator<Uint8Array> {
        yield Buffer.from('half');
        throw new Error('connection reset');
      };
      await expect(store.put(at, 'a', failing(), TEXT)).rejects.toThrow('connection reset');
      await expect(store.put(at, 'b', failing(), TEXT)).rejects.toThrow('connection reset');
      expect([await text(at, 'a'), await store.stat(at, 'b')]).toEqual(['old', undefined]);
      const strings = async function* (): AsyncGenerator<Uint8Array> {
        yield 'text' as unknown as Uint8Array;
      };
      await expect(store.put(at, 'b', strings(), TEXT)).rejects.toThrow(TypeError);
    });

    it('gives racing puts of one name a winner, whole', async () => {
      const bodies = Array.from({ length: 8 }, (_, i) => String(i).repeat(50_000));
      await Promise.all(bodies.map((body) => store.put(at, 'a', chunks(Buffer.from(body), 9999), TEXT)));
      expect(bodies).toContain(await text(at, 'a'));
    });

    it('[STORE-02] keeps tenants and kinds apart, also when they hold the same bytes', async () => {
      const other = { ...at, tenantId: freshTenant() };
      await store.put(at, 'a', Buffer.from('same'), TEXT);
      expect(await store.stat(other, 'a')).toBeUndefined();
      expect(await store.get({ ...at, kind: 'media2' }, 'a')).toBeUndefined();
      await store.put(other, 'a', Buffer.from('same'), TEXT);
      await store.delete(other, 'a');
      expect(await text(at, 'a')).toBe('same');
    });

    it('[STORE-02] stores hostile keys as they are and refuses names that are none', async () => {
      await Promise.all(HOSTILE_KEYS.map((key) => store.put(at, key, Buffer.from(key), TEXT)));
      for (const key of HOSTILE_KEYS) {
        expect(await text(at, key)).toBe(key);
        expect((await store.stat(at, key))?.key).toBe(key);
      }
      const places = [
        ...REFUSED_KEYS.map((key) => ({ place: at, key })),
        ...REFUSED_TENANTS.map((tenantId) => ({ place: { ...at, tenantId }, key: 'a' })),
        ...REFUSED_KINDS.map((kind) => ({ place: { ...at, kind }, key: 'a' })),
      ];
      for (const { place, key } of places) {
        await expectCode('invalid_key', store.put(place, key, Buffer.from('x'), TEXT));
        await expectCode('invalid_key', store.stat(place, key));
        await expectCode('invalid_key', store.get(place, key));
        await expectCode('invalid_key', store.delete(place, key));
        if (key !== '') await expectCode('invalid_key', store.list(place, { prefix: key === 'a' ? '' : key }));
      }
    });

    it('lists a prefix in byte order, page by page, with what stat says', async () => {
      const keys = ['p/', 'p/1', 'p/2', 'p/3', 'p/A', 'p/a'];
      for (const key of [...keys, 'p', 'q/1']) await store.put(at, key, Buffer.from(key), TEXT);
      const seen: ObjectInfo[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.list(at, { prefix: 'p/', limit: 4, cursor });
        expect(page.items.length).toBeLessThanOrEqual(4);
        seen.push(...page.items);
        cursor = page.cursor;
      } while (cursor !== undefined);
      expect(seen.map(({ key }) => key)).toEqual(keys);
      for (const info of seen) expect(info).toEqual(await store.stat(at, info.key));
      await store.delete(at, 'p/1');
      expect((await store.list(at, { prefix: 'p/1' })).items).toEqual([]);
      expect((await store.list(at)).items).toHaveLength(7);
    });

    it('[STORE-02] lists nothing of another tenant or kind, and refuses bad cursors and limits', async () => {
      await store.put(at, 'a', Buffer.from('x'), TEXT);
      expect((await store.list({ ...at, tenantId: freshTenant() })).items).toEqual([]);
      expect((await store.list({ ...at, kind: 'media2' })).items).toEqual([]);
      for (const bad of ['', 'a', '!', '__proto__']) {
        await expectCode('cursor_invalid', store.list(at, { cursor: bad }));
      }
      for (const limit of [0, 1001, NaN]) await expect(store.list(at, { limit })).rejects.toThrow(RangeError);
    });

    it(`streams ${megabytes} MB in and out in constant memory`, async () => {
      const hash = createHash('sha256');
      const memory = memoryWatch();
      const source = async function* (): AsyncGenerator<Uint8Array> {
        const block = randomBytes(64 * 1024);
        for (let i = 0; i < megabytes * 16; i++) {
          block.writeUInt32LE(i);
          hash.update(block);
          if (i % 128 === 0) memory.sample();
          yield block;
        }
      };
      const info = await store.put(at, 'big', source(), { mediaType: 'video/mp4' });
      expect([info.size, info.sha256]).toEqual([megabytes * MB, hash.digest('hex')]);
      const back = createHash('sha256');
      let read = 0;
      for await (const chunk of (await store.get(at, 'big'))!.body) {
        if (Math.floor((read + chunk.length) / (8 * MB)) > Math.floor(read / (8 * MB))) memory.sample();
        read += chunk.length;
        back.update(chunk);
      }
      expect([read, back.digest('hex')]).toEqual([megabytes * MB, info.sha256]);
      const middle = megabytes * 8;
      const range = [middle * 64 * 1024, middle * 64 * 1024 + 3] as const;
      const found = Buffer.concat(await collect((await store.get(at, 'big', { range }))!.body));
      expect(found.readUInt32LE()).toBe(middle);
      expect(memory.growth()).toBeLessThan(32 * MB);
    });

    it('pages past 1,000 objects, each of them once and in order', async () => {
      const keys = Array.from({ length: 1050 }, (_, i) => `k${String(i).padStart(5, '0')}`);
      for (let i = 0; i < keys.length; i += 50) {
        await Promise.all(keys.slice(i, i + 50).map((key) => store.put(at, key, Buffer.from('same'), TEXT)));
      }
      const first = await store.list(at, { limit: 1000 });
      const rest = await store.list(at, { limit: 1000, cursor: first.cursor });
      expect([first.items.length, rest.cursor]).toEqual([1000, undefined]);
      expect([...first.items, ...rest.items].map(({ key }) => key)).toEqual(keys);
    });
  });
}

async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const chunk of body) all.push(chunk);
  return all;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The most that heap and array buffers grew, whichever grew more. Collects garbage first: only what is held counts. */
function memoryWatch(): { sample(): void; growth(): number } {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const measure = () => {
    gc();
    return process.memoryUsage();
  };
  const start = measure();
  let most = 0;
  const sample = (): void => {
    const { heapUsed, arrayBuffers } = measure();
    most = Math.max(most, heapUsed - start.heapUsed, arrayBuffers - start.arrayBuffers);
  };
  return { sample, growth: () => most };
}
