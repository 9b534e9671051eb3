import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Json } from '@northstar/sdk';
import { startDynalite } from '../../../test/engines/start-dynalite.ts';
import { spineWithKeyCodec, tabularWithKeyCodec } from '../../../src/stores/with-key-codec.ts';
import { bareCommits, padded, type Commit } from './commit-chain.ts';
import { portSide, type EventSide, type RecordSide, type Rig } from '../store-side.ts';

/** The DynamoDB engine, and the document client by hand, both on one dynalite. */
export async function openDynamoRig(): Promise<Rig> {
  const table = await startDynalite();
  const stores = await table.open();
  const { table: TableName, ...config } = table.options;
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(config));
  return {
    port: portSide({ tabular: tabularWithKeyCodec(stores.tabular), spine: spineWithKeyCodec(stores.spine) }),
    bare: { ...bareRecords(client, TableName), ...bareEvents(client, TableName) },
    bareDoes:
      'consistent reads and conditional puts; an append creates the item behind the newest, which it reads first; 64 ' +
      'callers: their 64 events in one item, by hand; a page looks whether the commit that it follows is there still; ' +
      'the tenant stands in the key and in the filter',
    async close() {
      client.destroy();
      await stores.close();
      await table.stop();
    },
  };
}

function bareRecords(client: DynamoDBDocumentClient, TableName: string): RecordSide {
  const place = (key: string) => ({ pk: 't_bench|bare', sk: key });
  const write = async (key: string, value: Json, expected?: string): Promise<string> => {
    const version = randomUUID();
    await client.send(
      new PutCommand({
        TableName,
        Item: { ...place(key), tenant: 't_bench', version, json: JSON.stringify(value) },
        ...(expected !== undefined && {
          ConditionExpression: '#version = :version',
          ExpressionAttributeNames: { '#version': 'version' },
          ExpressionAttributeValues: { ':version': expected },
        }),
      }),
    );
    return version;
  };
  return {
    put: write,
    create: write,
    compareAndSet: write,
    async get(key) {
      const { Item } = await client.send(new GetCommand({ TableName, Key: place(key), ConsistentRead: true }));
      return { key, version: Item!.version as string, value: JSON.parse(Item!.json as string) as unknown };
    },
  };
}

interface BareQuery {
  readonly names?: Record<string, string>;
  readonly values: Record<string, string>;
  readonly KeyConditionExpression: string;
}

function bareEvents(client: DynamoDBDocumentClient, TableName: string): EventSide {
  const pk = 't_bench|bare-events';
  const query = async ({ names, values, ...input }: BareQuery): Promise<readonly Commit[]> => {
    const command = new QueryCommand({
      TableName,
      ConsistentRead: true,
      FilterExpression: '#tenant = :tenant',
      ExpressionAttributeNames: { '#tenant': 'tenant', ...names },
      ExpressionAttributeValues: { ':tenant': 't_bench', ':pk': pk, ...values },
      ...input,
    });
    return ((await client.send(command)).Items ?? []) as (Commit & Record<string, unknown>)[];
  };
  const newestUpTo = (seq: number) => ({
    ProjectionExpression: '#first, #count, #lastAt',
    names: { '#first': 'first', '#count': 'count', '#lastAt': 'lastAt' },
    KeyConditionExpression: 'pk = :pk AND sk <= :to',
    values: { ':to': padded(seq) },
    ScanIndexForward: false,
    Limit: 1,
  });
  return bareCommits({
    async append(next) {
      // Without the ids: the port makes items for those that callers give, and there are none here.
      const { ids: _, ...commit } = next((await query(newestUpTo(Number.MAX_SAFE_INTEGER)))[0]);
      const Item = { pk, sk: padded(commit.first), tenant: 't_bench', ...commit };
      await client.send(new PutCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(pk)' }));
    },
    async page(from, to) {
      const [[before], commits] = await Promise.all([
        from === 1 ? [] : query({ ...newestUpTo(from - 1) }),
        query({
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
          values: { ':from': padded(from), ':to': padded(to) },
        }),
      ]);
      if (from > 1 && !before) throw new Error('cursor invalid');
      return commits;
    },
  });
}
