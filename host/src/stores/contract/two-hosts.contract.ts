import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EventSpine } from '../event-spine.ts';
import type { TabularStore } from '../tabular-store.ts';
import { allData, allEvents, freshTenant, inTurn, winners } from './contract-kit.ts';

/** The stores of one host: above the key codec or below it. An engine of events only has no records. */
export interface HostStores {
  readonly tabular?: TabularStore;
  readonly spine: EventSpine;
}

export interface TwoHosts {
  /** Two clients of the same data, each with connections of its own. */
  readonly hosts: readonly [HostStores, HostStores];
  close(): Promise<unknown>;
}

/** What holds when two hosts work on one engine at the same time. A driver's test calls it in one line. */
export function describeTwoHosts(name: string, open: () => Promise<TwoHosts>): void {
  describe(`two hosts: ${name}`, () => {
    let opened: TwoHosts;
    let at: { tenantId: string; kind: string; stream: string };
    const event = (data: number | string, eventId?: string) => ({ type: 'counted', data, eventId });

    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());
    beforeEach(() => {
      at = { tenantId: freshTenant(), kind: 'notes', stream: 'log' };
    });

    it('[STORE-03] keeps every event and every increment of both, each writer in its order', async () => {
      const [a, b] = opened.hosts;
      await a.tabular?.put(at, 'n', 0);
      const increment = async ({ tabular }: HostStores): Promise<void> => {
        while (tabular) {
          const { value, version } = (await tabular.get<number>(at, 'n'))!;
          const write = tabular.put(at, 'n', value + 1, { ifVersion: version });
          if (winners(await Promise.allSettled([write])) === 1) return;
        }
      };
      const work = (host: HostStores, writer: string) =>
        inTurn(12, async (i) => {
          await host.spine.append(at, event(`${writer}${i}`, `${writer}${i}`));
          await increment(host);
        });
      await Promise.all([work(a, 'a'), work(b, 'b'), work(a, 'c'), work(b, 'd')]);
      if (b.tabular) expect((await b.tabular.get(at, 'n'))?.value).toBe(48);
      const data = (await allData(b.spine, at)) as string[];
      expect(data).toHaveLength(48);
      for (const writer of 'abcd') {
        const own = data.filter((text) => text.startsWith(writer));
        expect(own).toEqual(Array.from({ length: 12 }, (_, i) => `${writer}${i}`));
      }
    });

    it('[STORE-03] stores an event id once when both race', async () => {
      const [a, b] = opened.hosts;
      const answers = await Promise.all([a, b, a, b].map(({ spine }, i) => spine.append(at, event(i, 'once'))));
      expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
      expect(new Set(answers.map(({ cursor }) => cursor)).size).toBe(1);
      expect(await allData(a.spine, at)).toHaveLength(1);
    });

    it('[STORE-06] appends while the other trims, without a number twice', async () => {
      const [a, b] = opened.hosts;
      const trimmer = () =>
        inTurn(10, async () => {
          const head = await b.spine.head(at);
          if (head) await b.spine.trim(at, { before: head.cursor });
          await new Promise((wake) => setTimeout(wake, 10));
        });
      const numbers: number[] = [];
      const writer = ({ spine }: HostStores) =>
        inTurn(20, async (i) => numbers.push((await spine.append(at, event(i))).seq));
      await Promise.all([trimmer(), writer(a), writer(b)]);
      expect(new Set(numbers).size).toBe(40);
      const kept = (await allEvents(a.spine, at)).map(({ seq }) => seq);
      expect(kept).toEqual([...numbers].sort((x, y) => x - y).slice(-kept.length));
    });
  });
}
