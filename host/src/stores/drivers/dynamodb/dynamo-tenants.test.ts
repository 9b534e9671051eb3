import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeEngine, whyNotStarting } from '../../../../test/engines/describe-engine.ts';
import { startDynalite, type TestTable } from '../../../../test/engines/start-dynalite.ts';
import { allData, allKeys, expectCode } from '../../contract/contract-kit.ts';
import type { DynamoStores } from './open-dynamo.ts';

const ann = { tenantId: 't_ann', kind: 'notes', stream: 'log' };
const bob = { ...ann, tenantId: 't_bob' };
const event = { type: 't', data: 'of-ann', eventId: 'e1' };
type Item = Record<string, unknown> & { pk: string; sk: string; tenant: string };

await describeEngine('dynamodb tenants', whyNotStarting(startDynalite), () => {
  let table: TestTable;
  let stores: DynamoStores;
  let client: DynamoDBDocumentClient;
  const TableName = 'northstar';
  const items = async () => (await client.send(new ScanCommand({ TableName }))).Items as Item[];

  beforeEach(async () => {
    table = await startDynalite();
    stores = await table.open();
    client = DynamoDBDocumentClient.from(new DynamoDBClient(table.options));
  });
  afterEach(async () => {
    client.destroy();
    await stores.close();
    await table.stop();
  });

  it('[STORE-02] has the tenant in the partition of every item, and beside it', async () => {
    for (const at of [ann, bob]) {
      await stores.tabular.put(at, 'k', 'mine');
      await stores.spine.append(at, event);
      await stores.spine.trim(at, { before: (await stores.spine.append(at, { type: 't', data: 2 })).cursor });
    }
    const found = await items();
    for (const { pk, tenant } of found) expect(pk.split('|')[0]).toBe(tenant);
    expect(found.filter(({ tenant }) => tenant === 't_ann')).toHaveLength(found.length / 2);
  });

  it('[STORE-02] gives out no item of another tenant that lies in a partition of its own, and replaces none', async () => {
    const { tabular, spine } = stores;
    const { version } = await tabular.put(ann, 'k', 'of-ann');
    const { cursor } = await spine.append(ann, event);
    for (const item of await items()) {
      await client.send(new PutCommand({ TableName, Item: { ...item, pk: item.pk.replace('t_ann', 't_bob') } }));
    }
    expect(await allKeys(tabular, bob)).toEqual([]);
    await expectCode('corrupt', tabular.get(bob, 'k'));
    await expectCode('conflict', tabular.put(bob, 'k', 1, { ifVersion: version }));
    await expectCode('conflict', tabular.delete(bob, 'k', { ifVersion: version }));
    expect(await allData(spine, bob)).toEqual([]);
    expect(await spine.head(bob)).toBeUndefined();
    await expectCode('cursor_invalid', spine.read(bob, { after: cursor }));
    await expectCode('corrupt', spine.append(bob, event));
    expect((await items()).filter(({ tenant }) => tenant !== 't_ann')).toEqual([]);
    expect((await tabular.get(ann, 'k'))?.value).toBe('of-ann');
  });
});
