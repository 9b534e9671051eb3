import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EventSpine } from '../event-spine.ts';
import type { Partition, TabularStore } from '../tabular-store.ts';
import { versionsStream } from '../version-key.ts';
import { VersionedStore } from '../versioned-store.ts';
import { allData, expectCode, freshTenant, winners, type Opened } from './contract-kit.ts';

/** Records and events of one engine, above the key codec. */
export interface RecordsAndEvents {
  readonly tabular: TabularStore;
  readonly spine: EventSpine;
}

/** Milliseconds: 100 writers race 5,000 times, and an emulator takes a while for it. */
const RACE_MS = 120_000;
const WRITERS = Array.from({ length: 100 }, (_, i) => i + 1);

/** What records that keep every version hold on one engine. A driver's test calls it in one line. */
export function describeVersionedStore(name: string, open: () => Promise<Opened<RecordsAndEvents>>): void {
  describe(`versioned store: ${name}`, () => {
    let opened: Opened<RecordsAndEvents>;
    let drafts: VersionedStore;
    let at: Partition;

    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());
    beforeEach(() => {
      drafts = new VersionedStore(opened.store);
      at = { tenantId: freshTenant(), kind: 'workbench_drafts' };
    });

    const history = async (query?: { before?: number; limit?: number }) =>
      (await drafts.history(at, 'a/b@c', query)).map(({ version }) => version);
    const told = async () => {
      const stream = { tenantId: at.tenantId, stream: versionsStream(at, 'a/b@c') };
      return (await allData(opened.store.spine, stream)).map((data) => (data as { version: number }).version);
    };

    it('[STORE-05] saves version n + 1, keeps every old one, and brings one back by a new save', async () => {
      for (const value of ['one', 'two', 'three']) await drafts.save(at, 'a/b@c', value, { author: value });
      expect(await drafts.restore(at, 'a/b@c', 1, { author: 'ann' })).toEqual({ version: 4, announced: true });
      expect(await drafts.get(at, 'a/b@c')).toMatchObject({ value: 'one', author: 'ann', restoredFrom: 1 });
      expect(await drafts.get(at, 'a/b@c', 3)).toMatchObject({ value: 'three', author: 'three' });
      expect(await history()).toEqual([4, 3, 2, 1]);
      expect(await told()).toEqual([1, 2, 3, 4]);
      await expectCode('conflict', drafts.restore(at, 'a/b@c', 9));
      await expectCode('conflict', drafts.save(at, 'a/b@c', 'late', { expect: 3 }));
    });

    it(
      '[STORE-05] gives 100 writers that know nothing of each other the versions 1 to 100',
      { timeout: RACE_MS },
      async () => {
        const save = (value: number) => new VersionedStore(opened.store).save(at, 'a/b@c', value);
        const saved = await Promise.all(WRITERS.map(save));
        expect(saved.map(({ version }) => version).sort((x, y) => x - y)).toEqual(WRITERS);
        for (const [i, { version }] of saved.entries()) {
          expect((await drafts.get(at, 'a/b@c', version))?.value).toBe(WRITERS[i]);
        }
        expect(await history()).toEqual(WRITERS.toReversed());
        expect(await history({ before: 51, limit: 3 })).toEqual([50, 49, 48]);
        await drafts.announce(at, 'a/b@c');
        expect(await told()).toEqual(WRITERS);
      },
    );

    it('[STORE-05] gives 100 saves through one store the versions 1 to 100, each told of in order', async () => {
      const saved = await Promise.all(WRITERS.map((value) => drafts.save(at, 'a/b@c', value)));
      expect(saved).toEqual(WRITERS.map((version) => ({ version, announced: true })));
      expect(await told()).toEqual(WRITERS);
    });

    it('[STORE-05] lets one of 8 saves that expect the same version win', async () => {
      await drafts.save(at, 'a/b@c', 0);
      const save = (_: unknown, i: number) => new VersionedStore(opened.store).save(at, 'a/b@c', i, { expect: 1 });
      expect(winners(await Promise.allSettled(Array.from({ length: 8 }, save)))).toBe(1);
      expect(await history()).toEqual([2, 1]);
    });
  });
}
