import type { Json } from '@northstar/sdk';
import { expect } from 'vitest';
import type { EventSpine, StoredEvent, StreamRef } from '../event-spine.ts';
import { StoreError, type StoreErrorCode } from '../store-error.ts';
import type { ListQuery, Partition, TabularRecord, TabularStore } from '../tabular-store.ts';

/** A store that a contract suite runs against, as the host would see it: above the key codec, empty. */
export interface Opened<Store> {
  readonly store: Store;
  close(): Promise<void>;
}

/** How much a suite writes. `small` is for engines on which every call takes milliseconds; no rule is left out. */
export type Scale = 'full' | 'small';

export interface ContractOptions {
  readonly scale?: Scale;
}

/** More than any engine puts into one page. */
export const PAGE_BYTES = 17 * 1024 * 1024;

let tenants = 0;

/** A tenant that no other test has used, so that one open store serves a whole suite. */
export function freshTenant(): string {
  tenants += 1;
  return `t_contract-${process.pid}-${tenants}`;
}

export async function expectCode(code: StoreErrorCode, work: Promise<unknown>): Promise<StoreError> {
  const error = await work.then(
    (value) => expect.fail(`expected StoreError ${code}, got ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StoreError);
  expect(error).toMatchObject({ code });
  return error as StoreError;
}

/** How many of the settled calls won; any other failure than `conflict` fails the test. */
export function winners(results: readonly PromiseSettledResult<unknown>[]): number {
  for (const result of results) {
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'conflict' });
  }
  return results.filter(({ status }) => status === 'fulfilled').length;
}

export async function allRecords(store: TabularStore, at: Partition, query: ListQuery = {}): Promise<TabularRecord[]> {
  const records: TabularRecord[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.list(at, { ...query, cursor });
    records.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return records;
}

export async function allKeys(store: TabularStore, at: Partition, query: ListQuery = {}): Promise<string[]> {
  return (await allRecords(store, at, query)).map(({ key }) => key);
}

export async function allEvents(spine: EventSpine, at: StreamRef, limit = 100): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (;;) {
    const page = await spine.read(at, { after: events.at(-1)?.cursor, limit });
    events.push(...page.events);
    if (!page.more) return events;
  }
}

export async function allData(spine: EventSpine, at: StreamRef, limit?: number): Promise<Json[]> {
  return (await allEvents(spine, at, limit)).map(({ data }) => data);
}

export async function inTurn(times: number, work: (i: number) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < times; i++) await work(i);
}

export async function inParallel(workers: number, work: (worker: number) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)));
}
