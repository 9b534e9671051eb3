import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeEngine } from '../../../../test/engines/describe-engine.ts';
import { allData, allEvents, inParallel, inTurn } from '../../contract/contract-kit.ts';
import { openPostgres, type PostgresStores } from './open-postgres.ts';
import { openTestPostgres, POSTGRES_URL, runSql, whyUnreachable } from '../../../../test/engines/test-postgres.ts';

const at = { tenantId: 't_a', kind: 'notes', stream: 'log' };

await describeEngine('postgres two hosts', whyUnreachable, () => {
  let one: PostgresStores & { schema: string };
  let two: PostgresStores;

  beforeEach(async () => {
    one = await openTestPostgres();
    two = await openPostgres({ url: POSTGRES_URL, schema: one.schema, pool: 5 });
  });
  afterEach(async () => {
    await two.close();
    await one.close();
  });

  it('[STORE-03] numbers the events of both without gap, while a third reads none too early', async () => {
    const hosts = [one, two];
    let writing = true;
    const seen: number[] = [];
    const poll = async (): Promise<void> => {
      for (let after: string | undefined, last = false; !last;) {
        last = !writing;
        const { events } = await one.spine.read(at, { after, limit: 1000 });
        seen.push(...events.map(({ seq }) => seq));
        after = events.at(-1)?.cursor ?? after;
      }
    };
    const polling = poll();
    const other = { ...at, stream: 'other' };
    await inParallel(8, (w) =>
      inTurn(30, async (i) => {
        const { spine } = hosts[w % 2]!;
        const event = { type: 't', data: w * 100 + i, eventId: `${w % 4}-${i}` };
        if (i % 5) await spine.append(at, event);
        else
          await spine.appendAll([
            { at: other, event },
            { at, event },
          ]);
      }),
    );
    writing = false;
    await polling;
    // Two writers share every id: 120 events from 240 appends.
    expect(seen).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));
    expect(await allData(one.spine, other)).toHaveLength(24);
    const times = (await allEvents(one.spine, at)).map((stored) => stored.at);
    expect(times).toEqual([...times].sort());
  });

  it('shares commits between callers on one stream', async () => {
    const before = await commits(one.schema);
    await Promise.all(Array.from({ length: 640 }, (_, data) => one.spine.append(at, { type: 't', data })));
    expect(await allData(one.spine, at, 1000)).toEqual(Array.from({ length: 640 }, (_, i) => i));
    expect((await commits(one.schema)) - before).toBeLessThan(20);
  });

  it('forgets many events, a few thousand at a time', async () => {
    const events = Array.from({ length: 5000 }, (_, data) => ({ at, event: { type: 't', data } }));
    const last = (await one.spine.appendAll(events)).at(-1)!;
    await one.spine.trim(at, { before: last.cursor });
    expect(await allData(one.spine, at)).toEqual([4999]);
  });
});

/** How many transactions wrote the events that are there. */
async function commits(schema: string): Promise<number> {
  const { rows } = await runSql(`SELECT count(DISTINCT xmin::text) AS n FROM ${schema}.events`);
  return Number(rows[0].n);
}
