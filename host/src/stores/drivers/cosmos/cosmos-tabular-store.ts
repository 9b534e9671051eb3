import type { ItemResponse, ItemDefinition, RequestOptions } from '@azure/cosmos';
import type { Json } from '@northstar/sdk';
import { randomUUID } from 'node:crypto';
import type { EngineCaps } from '../../engine-caps.ts';
import { DEFAULT_PAGE } from '../../page-limit.ts';
import { StoreError } from '../../store-error.ts';
import type { Condition, ListQuery, Partition, TabularPage, TabularRecord, TabularStore } from '../../tabular-store.ts';
import { toJsonText } from '../json-text.ts';
import { END, recordId } from '../document-ids.ts';
import { takePageFrom } from '../take-page-from.ts';
import { fromJsonText } from '../json-text.ts';
import { fromListCursor, toListCursor } from '../list-cursor.ts';
import { statusOf } from './cosmos-calls.ts';
import { COSMOS_JSON, COSMOS_LIMITS } from './cosmos-caps.ts';
import { itemsOf, type CosmosEngine, type ItemQuery } from './open-cosmos.ts';

/** One item. Its id is a hash: ids cannot contain `/ \ ? #`, and end at 1023 bytes. */
interface Fields {
  readonly id: string;
  readonly pk: string;
  readonly tenantId: string;
  readonly kind: string;
  readonly key: string;
  readonly json: string;
  /** Names the call that wrote it, so that a call whose answer was lost finds its own write. */
  readonly write: string;
}

/** Attempts of a write without condition before it gives up against other first writers of the same record. */
const ATTEMPTS = 5;

type Row = Pick<Fields, 'key' | 'json'> & { readonly _etag: string };

/** Records as items, one partition for a tenant and kind. Expects keys that went through the key codec. */
export class CosmosTabularStore implements TabularStore {
  readonly caps: EngineCaps;
  readonly limits = COSMOS_LIMITS;
  readonly #engine: CosmosEngine;

  constructor(engine: CosmosEngine) {
    this.#engine = engine;
    this.caps = engine.caps;
  }

  async get<T extends Json = Json>(at: Partition, key: string): Promise<TabularRecord<T> | undefined> {
    const item = await this.#read(at, key);
    return item && toRecord<T>(item);
  }

  async put(at: Partition, key: string, value: Json, condition?: Condition): Promise<{ version: string }> {
    const json = toJsonText(value, `record ${key}`, COSMOS_JSON);
    const { tenantId, kind } = at;
    const fields: Fields = { id: recordId(at, key), pk: pkOf(at), tenantId, kind, key, json, write: randomUUID() };
    const ifVersion = condition?.ifVersion;
    for (let attempt = 1; ; attempt++) {
      try {
        return { version: await this.#write(at, fields, ifVersion) };
      } catch (error) {
        if (!isRefusedWith(error, isVersion(ifVersion) ? [404, 412] : [409])) throw error;
        // The write whose repetition by the client lost against itself: the first answer was lost, the item is ours.
        const now = await this.#read(at, key);
        if (now?.write === fields.write) return { version: now._etag };
        if (ifVersion !== undefined) throw refused(at, key, error);
        // Two first writes met, and this one asked for nothing that could be refused.
        if (attempt === ATTEMPTS) throw overtaken(at, key, error);
      }
    }
  }

  async delete(at: Partition, key: string, condition?: Condition): Promise<boolean> {
    const ifVersion = condition?.ifVersion;
    if (ifVersion === 'absent') {
      if (await this.#read(at, key)) throw refused(at, key);
      return false;
    }
    const { container, calls } = this.#engine;
    try {
      await calls.run({ doing: `delete record ${key}`, writes: true }, (abortSignal) => {
        const options = { abortSignal, ...(ifVersion !== undefined && atVersion(ifVersion, at, key)) };
        return container.item(recordId(at, key), pkOf(at)).delete(options);
      });
      return true;
    } catch (error) {
      if (!isRefusedWith(error, [404, 412])) throw error;
      if (ifVersion === undefined) return false;
      throw refused(at, key, error);
    }
  }

  async list<T extends Json = Json>(at: Partition, query: ListQuery = {}): Promise<TabularPage<T>> {
    const { prefix = '', limit = DEFAULT_PAGE, cursor } = query;
    const from = cursor === undefined ? prefix : fromListCursor(cursor, prefix);
    const above = cursor === undefined ? '>=' : '>';
    const found: ItemQuery = {
      ...{ select: `TOP ${limit + 1} c.key, c.json, c._etag`, pk: pkOf(at), tenantId: at.tenantId },
      ...{ where: `c.key ${above} @from AND c.key < @to ORDER BY c.key`, with: { from, to: prefix + END } },
    };
    const { rows, more } = await this.#engine.calls.run({ doing: `list records of ${at.kind}` }, (signal) =>
      takePageFrom(itemsOf<Row>(this.#engine, found, signal), limit, ({ json }) => json.length),
    );
    const last = rows.at(-1);
    const items = rows.map((row) => toRecord<T>(row));
    return more && last ? { items, cursor: toListCursor(last.key) } : { items };
  }

  async #read(at: Partition, key: string): Promise<(Fields & Row) | undefined> {
    const item = this.#engine.container.item(recordId(at, key), pkOf(at));
    const { resource } = await this.#engine.calls.run({ doing: `read record ${key}` }, (abortSignal) =>
      item.read<Fields>({ abortSignal }),
    );
    if (resource && resource.tenantId !== at.tenantId) {
      throw new StoreError('corrupt', `Cosmos DB could not read record ${key}: the item belongs to another tenant.`);
    }
    return resource;
  }

  /** The version that was written. */
  async #write(at: Partition, fields: Fields, ifVersion: string | undefined): Promise<string> {
    const { container, calls } = this.#engine;
    const written = await calls.run({ doing: `write record ${fields.key}`, writes: true }, async (abortSignal) => {
      if (ifVersion === 'absent') return container.items.create<Fields>(fields, { abortSignal });
      if (ifVersion === undefined) return container.items.upsert<Fields>(fields, { abortSignal });
      const options = { abortSignal, ...atVersion(ifVersion, at, fields.key) };
      return container.item(fields.id, fields.pk).replace<Fields>(fields, options);
    });
    return (written as ItemResponse<ItemDefinition>).resource!._etag as string;
  }
}

/** Tenant and kind, neither of which has a `|`. In the partition key, and in the filter of every query. */
function pkOf({ tenantId, kind }: Partition): string {
  return `r|${tenantId}|${kind}`;
}

/** Only what looks like one etag: an empty condition is left out on the way, and `*` matches every version. */
function atVersion(ifVersion: string, at: Partition, key: string): RequestOptions {
  if (!/^"?[0-9A-Za-z-]+"?$/.test(ifVersion)) throw refused(at, key);
  return { accessCondition: { type: 'IfMatch', condition: ifVersion } };
}

function isVersion(ifVersion: string | undefined): boolean {
  return ifVersion !== undefined && ifVersion !== 'absent';
}

function isRefusedWith(error: unknown, statuses: readonly number[]): boolean {
  const { cause } = error as StoreError;
  return error instanceof StoreError && cause !== undefined && statuses.includes(statusOf(cause) as number);
}

function overtaken(at: Partition, key: string, cause: unknown): StoreError {
  const message = `Record ${key} of ${at.kind} is being written by too many others: repeat later.`;
  return new StoreError('unavailable', message, { cause });
}

function refused(at: Partition, key: string, cause?: unknown): StoreError {
  const message = `Record ${key} of ${at.kind} is not at the version asked for: read it again and decide.`;
  return new StoreError('conflict', message, { cause });
}

function toRecord<T extends Json = Json>({ key, json, _etag }: Row): TabularRecord<T> {
  return { key, value: fromJsonText<T>(json, `record ${key}`), version: _etag };
}
