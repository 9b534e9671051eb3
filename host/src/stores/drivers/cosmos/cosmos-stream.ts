import type { OperationInput } from '@azure/cosmos';
import type { StreamRef } from '../../event-spine.ts';
import { padded, streamId } from '../document-ids.ts';
import type { EventItem, PreparedEvent } from './event-item.ts';
import { itemsOf, type CosmosEngine } from './open-cosmos.ts';

const FIELDS = 'c.seq, c.eventId, c.type, c.time, c.json';

/** An event with its place. */
export interface NewItem {
  readonly seq: number;
  readonly time: string;
  readonly event: PreparedEvent;
  readonly write: string;
}

/** One stream: a partition, its queries and its two kinds of batches. */
export class CosmosStream {
  readonly at: StreamRef;
  /** Tenant and hash of the stream. In the partition key, and in the filter of every query. */
  readonly pk: string;
  readonly #engine: CosmosEngine;

  constructor(engine: CosmosEngine, at: StreamRef) {
    this.#engine = engine;
    this.at = at;
    this.pk = `e|${at.tenantId}|${streamId(at)}`;
  }

  /** Events from this number on, in order. */
  from(seq: number, count: number, signal: AbortSignal): AsyncGenerator<EventItem> {
    const text = `SELECT TOP ${count} ${FIELDS} FROM c
      WHERE c.pk = @pk AND c.kept = true AND c.seq >= @seq ORDER BY c.seq`;
    return itemsOf(this.#engine, { text, pk: this.pk, with: { seq } }, signal);
  }

  async newest(signal: AbortSignal): Promise<EventItem | undefined> {
    const text = `SELECT TOP 1 ${FIELDS} FROM c WHERE c.pk = @pk AND c.kept = true ORDER BY c.seq DESC`;
    return first(itemsOf<EventItem>(this.#engine, { text, pk: this.pk }, signal));
  }

  async withId(idHash: string, signal: AbortSignal): Promise<Pick<EventItem, 'seq' | 'write'> | undefined> {
    const text = 'SELECT c.seq, c.write FROM c WHERE c.pk = @pk AND c.idHash = @idHash';
    return first(itemsOf<EventItem>(this.#engine, { text, pk: this.pk, with: { idHash } }, signal));
  }

  async keeps(seq: number, signal: AbortSignal): Promise<boolean> {
    const text = 'SELECT c.seq FROM c WHERE c.pk = @pk AND c.kept = true AND c.seq = @seq';
    return (await first(itemsOf(this.#engine, { text, pk: this.pk, with: { seq } }, signal))) !== undefined;
  }

  /**
   * Creates events with these numbers, which follow each other: all of them, or none and false when a number is taken.
   *
   * The batch first reads the event before them, and so fails when that has been trimmed meanwhile: the next number, if
   * it had been taken and trimmed as well, would be free again. Before the first event there is none to read; the
   * first item of a stream is therefore never deleted.
   */
  async create(items: readonly NewItem[], signal: AbortSignal): Promise<boolean> {
    const first = items[0]!.seq;
    const guard: OperationInput[] =
      first === 1 ? [] : [{ operationType: 'Read', id: padded(first - 1), partitionKey: this.pk }];
    const creates = items.map(({ seq, time, event, write }): OperationInput => {
      const { idHash, eventId, type, json } = event;
      const place = { id: padded(seq), pk: this.pk, ...this.at };
      const item: EventItem = { ...place, seq, kept: true, idHash, eventId, type, time, json, write };
      return { operationType: 'Create', resourceBody: { ...item } };
    });
    return this.#batch([...guard, ...creates], signal);
  }

  /** Forgets some of the oldest events before this number. False when there was none left. */
  async forget(before: number, count: number, signal: AbortSignal): Promise<boolean> {
    const text = `SELECT TOP ${count} c.seq FROM c WHERE c.pk = @pk AND c.kept = true AND c.seq < @before ORDER BY c.seq`;
    const operations: OperationInput[] = [];
    for await (const { seq } of itemsOf<EventItem>(this.#engine, { text, pk: this.pk, with: { before } }, signal)) {
      const id = padded(seq);
      operations.push(
        seq === 1
          ? { operationType: 'Replace', id, partitionKey: this.pk, resourceBody: { id, pk: this.pk, ...this.at, seq } }
          : { operationType: 'Delete', id, partitionKey: this.pk },
      );
    }
    // When it fails, somebody else has trimmed too: what is left comes with the next query.
    if (operations.length > 0) await this.#batch(operations, signal);
    return operations.length > 0;
  }

  /** All of them or none. False when an item is missing or there already; another status is thrown. */
  async #batch(operations: OperationInput[], abortSignal: AbortSignal): Promise<boolean> {
    const { result, code } = await this.#engine.container.items.batch(operations, this.pk, { abortSignal });
    const statuses = (result ?? []).map(({ statusCode }) => statusCode);
    if (statuses.some((status) => status === 404 || status === 409 || status === 412)) return false;
    // 424 is said of those that failed because another did.
    const status = statuses.find((one) => one >= 400 && one !== 424) ?? (result ? undefined : code);
    if (status !== undefined) throw Object.assign(new Error(`A batch was answered with ${status}.`), { code: status });
    return true;
  }
}

async function first<T>(items: AsyncGenerator<T>): Promise<T | undefined> {
  for await (const item of items) return item;
  return undefined;
}
