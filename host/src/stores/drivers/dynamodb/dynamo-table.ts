import type * as DocumentClients from '@aws-sdk/lib-dynamodb';
import { StoreError } from '../../store-error.ts';
import { toStoreError } from './dynamo-error.ts';

export type DocumentLibrary = typeof DocumentClients;
type Client = DocumentClients.DynamoDBDocumentClient;
type Values = Record<string, unknown>;

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
  /** Also in `pk`; stored beside it and asked for in every query and condition: one mistake alone crosses no tenants. */
  readonly tenant: string;
}

/** What must hold: attributes that have these values, or that the item does not exist. */
export type ItemCondition = { readonly equals: Values } | 'absent' | undefined;

export interface ItemQuery {
  readonly pk: string;
  readonly tenant: string;
  readonly prefix?: string;
  readonly between?: readonly [first: string, last: string];
  readonly afterSk?: string;
  readonly newestFirst?: boolean;
  /** Items per request. */
  readonly limit?: number | undefined;
  /** Attributes to answer; default all. */
  readonly only?: readonly string[];
}

export interface TableClients {
  /** Retries whatever may pass. */
  readonly reads: Client;
  /** Retries only what is known not to have been carried out: throttling. */
  readonly writes: Client;
  destroy(): void;
}

/**
 * The one table that holds everything, with key schema `pk` (text, hash) and `sk` (text, range). Reads are strongly
 * consistent. Throws StoreError only: `conflict` when a condition does not hold, `unknown_outcome` when a write was
 * sent and not answered, `unavailable` otherwise.
 */
export class DynamoTable {
  readonly #library: DocumentLibrary;
  readonly #clients: TableClients;
  readonly #table: { readonly TableName: string };
  readonly #running = new Set<Promise<unknown>>();
  #closed = false;

  constructor(library: DocumentLibrary, clients: TableClients, name: string) {
    this.#library = library;
    this.#clients = clients;
    this.#table = { TableName: name };
  }

  async get<Item>({ pk, sk, tenant }: ItemKey, doing: string): Promise<Item | undefined> {
    const input = { ...this.#table, Key: { pk, sk }, ConsistentRead: true };
    const { Item } = await this.#run(doing, false, () => this.#clients.reads.send(new this.#library.GetCommand(input)));
    if (Item && Item['tenant'] !== tenant) {
      throw new StoreError('corrupt', `DynamoDB could not ${doing}: the item belongs to another tenant.`);
    }
    return Item as Item | undefined;
  }

  async put({ pk, sk, tenant }: ItemKey, attributes: Values, condition: ItemCondition, doing: string): Promise<void> {
    const input = { ...this.#table, Item: { pk, sk, tenant, ...attributes }, ...expression(condition, tenant) };
    await this.#run(doing, true, () => this.#clients.writes.send(new this.#library.PutCommand(input)));
  }

  /** False when there was no such item. */
  async delete({ pk, sk, tenant }: ItemKey, condition: ItemCondition, doing: string): Promise<boolean> {
    const only = expression(condition, tenant);
    const input = { ...this.#table, Key: { pk, sk }, ReturnValues: 'ALL_OLD' as const, ...only };
    const { Attributes } = await this.#run(doing, true, () =>
      this.#clients.writes.send(new this.#library.DeleteCommand(input)),
    );
    return Attributes !== undefined;
  }

  /** In order of `sk`, all pages. A page of the service may be empty and still not be the last one. */
  async *query<Item>(query: ItemQuery, doing: string): AsyncGenerator<Item> {
    const { pk, afterSk } = query;
    let start = afterSk === undefined ? undefined : { pk, sk: afterSk };
    do {
      const input = { ...this.#table, ...queryInput(query), ConsistentRead: true, ExclusiveStartKey: start };
      const page = await this.#run(doing, false, () => this.#clients.reads.send(new this.#library.QueryCommand(input)));
      yield* (page.Items ?? []) as Item[];
      start = page.LastEvaluatedKey as typeof start;
    } while (start);
  }

  /** Waits for what is running and refuses what comes later. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#running);
    this.#clients.destroy();
  }

  async #run<T>(doing: string, writing: boolean, send: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new StoreError('unavailable', `DynamoDB could not ${doing}: the store is closed.`);
    const running = send();
    this.#running.add(running);
    try {
      return await running;
    } catch (error) {
      throw toStoreError(error, doing, { writing });
    } finally {
      this.#running.delete(running);
    }
  }
}

/** Every name by a placeholder: the service reserves hundreds of words. */
function expression(condition: ItemCondition, tenant: string): object {
  if (condition === undefined) return {};
  if (condition === 'absent') {
    return { ConditionExpression: 'attribute_not_exists(#pk)', ExpressionAttributeNames: { '#pk': 'pk' } };
  }
  const values: Values = { ...condition.equals, tenant };
  const names = Object.keys(values);
  return {
    ConditionExpression: names.map((name) => `#${name} = :${name}`).join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: Object.fromEntries(names.map((name) => [`:${name}`, values[name]])),
  };
}

function queryInput({ pk, tenant, prefix, between, newestFirst, limit, only = [] }: ItemQuery) {
  const values: Record<string, string> = { ':pk': pk, ':tenant': tenant };
  let range = '';
  if (between) {
    [values[':first'], values[':last']] = between;
    range = ' AND #sk BETWEEN :first AND :last';
  } else if (prefix) {
    values[':prefix'] = prefix;
    range = ' AND begins_with(#sk, :prefix)';
  }
  const names = Object.fromEntries(only.map((name) => [`#${name}`, name]));
  return {
    KeyConditionExpression: `#pk = :pk${range}`,
    FilterExpression: '#tenant = :tenant',
    ExpressionAttributeNames: { '#pk': 'pk', '#tenant': 'tenant', ...(range && { '#sk': 'sk' }), ...names },
    ExpressionAttributeValues: values,
    ...(only.length > 0 && { ProjectionExpression: Object.keys(names).join() }),
    ScanIndexForward: !newestFirst,
    Limit: limit,
  };
}
