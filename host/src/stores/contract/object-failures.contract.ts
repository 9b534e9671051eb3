import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ObjectStore } from '../object-store.ts';
import type { Partition } from '../tabular-store.ts';
import { freshTenant } from './contract-kit.ts';
import { answersInTime, behindProxy, soon, type ReachedEngine } from './engine-failures.contract.ts';

const TEXT = { mediaType: 'text/plain' };

/** What objects hold through interrupted connections and time-outs. A driver's test calls it in one line. */
export function describeObjectFailures(
  name: string,
  start: () => Promise<ReachedEngine<{ store: ObjectStore }>>,
): void {
  describe(`failures: ${name}`, () => {
    const { stores, wire } = behindProxy(start);
    let at: Partition;

    beforeEach(() => {
      at = { tenantId: freshTenant(), kind: 'media' };
    });

    const put = (key: string, bytes: Uint8Array) => stores().store.put(at, key, bytes, TEXT);
    const read = async (key: string): Promise<Buffer> => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of (await stores().store.get(at, key))!.body) chunks.push(chunk);
      return Buffer.concat(chunks);
    };
    const recovered = async (): Promise<void> => {
      await vi.waitFor(() => put('a', Buffer.from('newest')), soon);
      expect((await read('a')).toString()).toBe('newest');
    };

    it('answers in bounded time when the server is silent, and keeps the old object', async () => {
      await put('a', Buffer.from('old'));
      wire().muteAnswers(true);
      const told = await answersInTime([put('a', Buffer.from('new')), put('b', Buffer.from('b')), read('a')]);
      expect(told).toEqual(['unavailable', 'unavailable', 'unavailable']);
      wire().muteAnswers(false);
      expect(await stores().store.stat(at, 'a')).toMatchObject({ size: 3 });
      expect(await stores().store.stat(at, 'b')).toBeUndefined();
      expect(await vi.waitFor(() => read('a').then(String), soon)).toBe('old');
      await recovered();
    });

    it('never passes off a part of a body as the whole when connections are cut', async () => {
      const bytes = randomBytes(6_000_000);
      await put('big', bytes);
      for (let round = 0; round < 3; round++) {
        const { body } = (await stores().store.get(at, 'big'))!;
        const chunks: Uint8Array[] = [];
        const reading = (async () => {
          for await (const chunk of body) {
            if (chunks.length === round * 3) wire().cut();
            chunks.push(chunk);
          }
        })();
        const [told] = await answersInTime([reading]);
        // A client may go on where it was cut off.
        if (told === 'done') expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
        else expect(told).toBe('unavailable');
      }
      await recovered();
    });

    it('stores the whole or nothing when connections are cut during a put', async () => {
      const bodies = Array.from({ length: 6 }, () => randomBytes(2_000_000));
      const puts = answersInTime(bodies.map((bytes, i) => put(`k${i}`, bytes)));
      for (let cuts = 0; cuts < 4; cuts++) {
        await new Promise((wake) => setTimeout(wake, 10));
        wire().cut();
      }
      for (const [i, told] of (await puts).entries()) {
        if (told === 'done') expect((await read(`k${i}`)).equals(bodies[i]!)).toBe(true);
        else expect([told, await stores().store.stat(at, `k${i}`)]).toEqual(['unavailable', undefined]);
      }
      await recovered();
    });

    it('fails while there is no connection, and comes back by itself', async () => {
      await put('a', Buffer.from('old'));
      wire().refuse(true);
      expect(await answersInTime([put('a', Buffer.from('new')), read('a')])).toEqual(['unavailable', 'unavailable']);
      wire().refuse(false);
      await recovered();
    });
  });
}
