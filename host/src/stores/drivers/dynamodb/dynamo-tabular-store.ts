import { randomUUID } from 'node:crypto';
import type { Json } from '@northstar/sdk';
import { DEFAULT_PAGE } from '../../page-limit.ts';
import { StoreError } from '../../store-error.ts';
import type { Condition, ListQuery, Partition, TabularPage, TabularRecord, TabularStore } from '../../tabular-store.ts';
import { fromJsonText } from '../json-text.ts';
import { fromListCursor, toListCursor } from '../list-cursor.ts';
import { DYNAMO_CAPS, DYNAMO_JSON, DYNAMO_LIMITS, PAGE_CHARS } from './dynamo-caps.ts';
import { toJsonText } from '../json-text.ts';
import type { DynamoTable, ItemCondition, ItemKey } from './dynamo-table.ts';
import { fromSortKey, toSortKey } from './sort-key.ts';

interface Item {
  readonly sk: string;
  readonly version: string;
  readonly json: string;
}

const VERSION = /^[0-9a-f-]{36}$/;

/**
 * Records in DynamoDB: `pk` is `<tenant>|r|<kind>`, `sk` the encoded key (see `toSortKey`). The version is random and
 * new with every write, so none ever comes back. Expects keys that went through the key codec.
 */
export class DynamoTabularStore implements TabularStore {
  readonly caps = DYNAMO_CAPS;
  readonly limits = DYNAMO_LIMITS;
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async get<T extends Json = Json>(at: Partition, key: string): Promise<TabularRecord<T> | undefined> {
    const item = await this.#table.get<Item>(itemKey(at, key), `read record ${key}`);
    return item && toRecord<T>(item);
  }

  async put(at: Partition, key: string, value: Json, condition?: Condition): Promise<{ version: string }> {
    const json = toJsonText(value, `record ${key}`, DYNAMO_JSON);
    const version = randomUUID();
    await this.#table.put(itemKey(at, key), { version, json }, toCondition(key, condition), `write record ${key}`);
    return { version };
  }

  async delete(at: Partition, key: string, condition?: Condition): Promise<boolean> {
    return this.#table.delete(itemKey(at, key), toCondition(key, condition), `delete record ${key}`);
  }

  async list<T extends Json = Json>(at: Partition, query: ListQuery = {}): Promise<TabularPage<T>> {
    const { prefix = '', limit = DEFAULT_PAGE, cursor } = query;
    const afterSk = cursor === undefined ? undefined : toSortKey(fromListCursor(cursor, prefix));
    const { pk, tenant } = itemKey(at, '');
    const found = this.#table.query<Item>(
      { pk, tenant, prefix: toSortKey(prefix), afterSk, limit: limit + 1 },
      `list records of ${at.kind}`,
    );
    const items: TabularRecord<T>[] = [];
    let chars = 0;
    for await (const item of found) {
      chars += item.json.length;
      const last = items.at(-1);
      if (last && (items.length === limit || chars > PAGE_CHARS)) return { items, cursor: toListCursor(last.key) };
      items.push(toRecord<T>(item));
    }
    return { items };
  }
}

function itemKey({ tenantId, kind }: Partition, key: string): ItemKey {
  return { pk: `${tenantId}|r|${kind}`, sk: toSortKey(key), tenant: tenantId };
}

function toCondition(key: string, condition: Condition | undefined): ItemCondition {
  const version = condition?.ifVersion;
  if (version === undefined || version === 'absent') return version;
  if (VERSION.test(version)) return { equals: { version } };
  throw new StoreError('conflict', `Record ${key} never had that version: read it again and decide.`);
}

function toRecord<T extends Json>({ sk, version, json }: Item): TabularRecord<T> {
  const key = fromSortKey(sk);
  return { key, value: fromJsonText<T>(json, `record ${key}`), version };
}
