import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Json } from '@northstar/sdk';
import { startDynalite } from '../../../test/engines/start-dynalite.ts';
import { spineWithKeyCodec, tabularWithKeyCodec } from '../../../src/stores/with-key-codec.ts';
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
      'callers: their 64 events in one item, by hand',
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

interface Commit {
  readonly sk: string;
  readonly events: readonly { id: string; type: string; at: string; json: string }[];
}

function bareEvents(client: DynamoDBDocumentClient, TableName: string): EventSide {
  const pk = 't_bench|bare-events';
  const commits = async (input: object): Promise<readonly Commit[]> => {
    const query = { TableName, ConsistentRead: true, ...input };
    return ((await client.send(new QueryCommand(query))).Items ?? []) as Commit[];
  };
  const appendTogether = async (batch: readonly Json[]): Promise<void> => {
    const [head] = await commits({
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': pk },
      ScanIndexForward: false,
      Limit: 1,
    });
    const next = head ? Number(head.sk) + head.events.length : 1;
    const now = new Date().toISOString();
    const before = head?.events.at(-1)?.at ?? '';
    const at = before > now ? before : now;
    const events = batch.map((data) => ({ id: randomUUID(), type: 'bench.happened', at, json: JSON.stringify(data) }));
    await client.send(
      new PutCommand({
        TableName,
        Item: { pk, sk: String(next).padStart(15, '0'), tenant: 't_bench', events },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    );
  };
  return {
    append: (data) => appendTogether([data]),
    appendTogether,
    async replay() {
      let found = 0;
      for (let after = '0'; ;) {
        const page = await commits({
          KeyConditionExpression: 'pk = :pk AND sk > :after',
          ExpressionAttributeValues: { ':pk': pk, ':after': after },
          Limit: 1000,
        });
        const events = page.flatMap(({ events: stored }) =>
          stored.map(({ json, ...event }) => ({ ...event, data: JSON.parse(json) as unknown })),
        );
        found += events.length;
        if (page.length === 0) return found;
        after = page.at(-1)!.sk;
      }
    },
  };
}
