import { afterEach, beforeEach, expect, it } from 'vitest';
import { allData, allEvents, expectCode, inTurn } from '../../contract/contract-kit.ts';
import { CommitLog } from './commit-log.ts';
import type { DynamoStores, DynamoTuning } from './open-dynamo.ts';
import { startDynalite, type TestTable } from '../../../../test/engines/start-dynalite.ts';

let table: TestTable;
const hosts: DynamoStores[] = [];
const at = { tenantId: 't_a', stream: 'log' };
const event = (data: number, eventId?: string) => ({ type: 'counted', data, eventId });
const host = async (tuning?: DynamoTuning): Promise<DynamoStores['spine']> => {
  const stores = await table.open(tuning);
  hosts.push(stores);
  return stores.spine;
};

beforeEach(async () => {
  table = await startDynalite();
});
afterEach(async () => {
  for (const stores of hosts.splice(0)) await stores.close();
  await table.stop();
});

it('[STORE-03] keeps one order when several hosts write, and every event once', async () => {
  const spines = await Promise.all([host(), host(), host()]);
  await Promise.all(spines.map((spine, w) => inTurn(15, (i) => spine.append(at, event(100 * w + i, `${w % 2}-${i}`)))));
  const events = await allEvents(spines[0]!, at);
  expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(30);
});

it('[STORE-03] stores an event id once when hosts race, whoever overtakes whom', async () => {
  const spines = await Promise.all([host(), host(), host(), host()]);
  for (let round = 0; round < 8; round++) {
    const raced = spines.map((spine) => spine.append(at, event(round, `raced-${round}`)));
    // Takes the place that they have claimed.
    const noise = spines.map((spine) => spine.append(at, event(-1)));
    const results = await Promise.all(raced);
    await Promise.all(noise);
    expect(results.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(new Set(results.map(({ cursor }) => cursor)).size).toBe(1);
  }
  expect((await allData(spines[0]!, at)).filter((data) => data !== -1)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

it('writes what waits for a commit as the next one, and a call as one while it fits', async () => {
  const spine = await host();
  await Promise.all(Array.from({ length: 40 }, (_, i) => spine.append(at, event(i))));
  expect(await commits(at)).toBeLessThanOrEqual(3);
  const other = { ...at, stream: 'other' };
  await spine.appendAll(Array.from({ length: 250 }, (_, i) => ({ at: other, event: event(i) })));
  expect(await commits(other)).toBe(3);
  const large = { ...at, stream: 'large' };
  const data = 'é'.repeat(190_000);
  await spine.appendAll([1, 2, 3].map(() => ({ at: large, event: { type: 't', data } })));
  expect((await allData(spine, large)).map((text) => (text as string).length)).toEqual([190_000, 190_000, 190_000]);
});

it('holds a stream over the commits of one call', async () => {
  const [spine, other] = [await host(), await host()];
  const calls = [spine, other].map((one, w) =>
    one.appendAll(Array.from({ length: 220 }, () => ({ at, event: event(w), expect: undefined }))),
  );
  const held = Array.from({ length: 220 }, (_, i) => ({ at, event: event(7), ...(i === 0 && { expect: null }) }));
  const results = await Promise.allSettled([spine.appendAll(held), ...calls]);
  const data = await allData(spine, at);
  const own = data.flatMap((value, i) => (value === 7 ? [i] : []));
  expect(own).toEqual(own.map((_, i) => own[0]! + i));
  if (results[0]!.status === 'rejected') expect(results[0]).toMatchObject({ reason: { code: 'conflict' } });
});

it('answers a repeated call with what is there', async () => {
  const spine = await host();
  const call = Array.from({ length: 120 }, (_, i) => ({
    at,
    event: event(i, `e${i}`),
    ...(i === 0 && { expect: null }),
  }));
  const first = await spine.appendAll(call);
  const again = await spine.appendAll(call);
  expect(again).toEqual(first.map((appended) => ({ ...appended, duplicate: true })));
  expect(await allData(spine, at)).toHaveLength(120);
});

it('[STORE-06] deletes trimmed commits and their ids, and takes forgotten ids anew', async () => {
  const spine = await host({ keepTrimmedMs: -1000 });
  const cursors: string[] = [];
  for (let i = 0; i < 60; i++) cursors.push((await spine.append(at, event(i, `e${i}`))).cursor);
  await spine.trim(at, { before: cursors[57]! });
  expect(await commits(at)).toBe(3);
  expect((await spine.append(at, event(0, 'e0'))).duplicate).toBe(false);
  expect((await spine.append(at, event(58, 'e58'))).duplicate).toBe(true);
  expect(await allData(spine, at)).toEqual([57, 58, 59, 0]);
  await expectCode('cursor_invalid', spine.read(at, { after: cursors[0] }));
});

it('[STORE-06] hides young commits at once and deletes them later, their ids included', async () => {
  const spine = await host();
  await spine.append(at, event(1, 'one'));
  const { cursor } = await spine.append(at, event(2, 'two'));
  await spine.trim(at, { before: cursor });
  expect(await commits(at)).toBe(2);
  expect(await allData(spine, at)).toEqual([2]);
  expect((await spine.append(at, event(3, 'one'))).duplicate).toBe(false);
  await (await host({ keepTrimmedMs: -1000 })).trim(at, { before: cursor });
  expect(await commits(at)).toBe(2);
  expect((await spine.append(at, event(4, 'one'))).duplicate).toBe(true);
});

it('[STORE-06] loses no event of a writer that slept while its place was trimmed away', async () => {
  const spine = await host({ keepTrimmedMs: -1000 });
  const sleepy = await host({ trustHeadMs: 0 });
  await spine.append(at, event(0));
  const create = CommitLog.prototype.create;
  let slept = false;
  CommitLog.prototype.create = async function (where, commit) {
    if (!slept && commit.json.includes('"data":99}')) {
      slept = true;
      let last = '';
      for (let i = 1; i < 6; i++) last = (await spine.append(at, event(i))).cursor;
      await spine.trim(at, { before: last });
    }
    return create.call(this, where, commit);
  };
  try {
    const appended = await sleepy.append(at, event(99, 'slept'));
    expect(appended).toMatchObject({ seq: 7, duplicate: false });
    expect(await allData(spine, at)).toEqual([5, 99]);
    expect((await spine.append(at, event(99, 'slept'))).cursor).toBe(appended.cursor);
    expect(await commits(at)).toBe(2);
  } finally {
    CommitLog.prototype.create = create;
  }
});

it('takes over the claim of a writer that died before its commit', async () => {
  const spine = await host();
  const create = CommitLog.prototype.create;
  CommitLog.prototype.create = async () => {
    throw new Error('killed');
  };
  await expect(spine.append(at, event(1, 'orphan'))).rejects.toThrow('killed');
  CommitLog.prototype.create = create;
  await spine.append(at, event(0));
  expect((await spine.append(at, event(1, 'orphan'))).duplicate).toBe(false);
  expect((await spine.append(at, event(1, 'orphan'))).duplicate).toBe(true);
  expect(await allData(spine, at)).toEqual([0, 1]);
});

async function commits({ tenantId, stream }: typeof at): Promise<number> {
  const { DynamoDBClient, QueryCommand } = await import('@aws-sdk/client-dynamodb');
  const client = new DynamoDBClient(table.options);
  const values = { ':pk': { S: `${tenantId}|s|${stream}` }, ':c': { S: 'c|' } };
  const found = await client.send(
    new QueryCommand({
      TableName: table.options.table,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :c)',
      ExpressionAttributeValues: values,
      Select: 'COUNT',
    }),
  );
  client.destroy();
  return found.Count!;
}
