import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { expectCode } from '../../contract/contract-kit.ts';
import { ensureTable, openDynamo, type DynamoStores } from './open-dynamo.ts';
import { startDynalite } from '../../../../test/engines/start-dynalite.ts';

const at = { tenantId: 't_a', kind: 'notes', stream: 'log' };
const event = { type: 't', data: 1 };
const timeouts = { requestTimeout: 300 };

/** A service that answers as each test says, or not at all. */
let server: Server;
let answers: (operation: string, response: ServerResponse) => void;
let calls: string[];
let stores: DynamoStores;
const options = () => ({
  endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  region: 'us-east-1',
  table: 'northstar',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});
const answer = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
  response.end(JSON.stringify(body));
};
const fail = (response: ServerResponse, status: number, name: string): void =>
  answer(response, status, { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: name });

beforeEach(async () => {
  calls = [];
  answers = (_, response) => answer(response, 200, {});
  server = createServer((request, response) => {
    request.resume();
    const operation = String(request.headers['x-amz-target']).split('.')[1]!;
    calls.push(operation);
    answers(operation, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stores = await openDynamo(options(), { timeouts });
  calls = [];
});
afterEach(async () => {
  await stores.close();
  server.close();
  server.closeAllConnections();
});

it('does not repeat a write that was not answered: its outcome is unknown', async () => {
  answers = (operation, response) => {
    if (operation === 'Query' || operation === 'GetItem') answer(response, 200, {});
  };
  await expectCode('unknown_outcome', stores.tabular.put(at, 'a', 1));
  await expectCode('unknown_outcome', stores.tabular.delete(at, 'a'));
  await expectCode('unknown_outcome', stores.spine.append(at, event));
  expect(calls).toEqual(['PutItem', 'DeleteItem', 'Query', 'PutItem']);
});

it('does not know either what a server error or a cut connection left behind', async () => {
  answers = (_, response) => fail(response, 500, 'InternalServerError');
  await expectCode('unknown_outcome', stores.tabular.put(at, 'a', 1));
  answers = (_, response) => response.destroy();
  await expectCode('unknown_outcome', stores.tabular.put(at, 'a', 1));
  expect(calls).toEqual(['PutItem', 'PutItem']);
});

it('repeats a throttled write, and gives up with unavailable', async () => {
  answers = (_, response) =>
    calls.length < 3 ? fail(response, 400, 'ProvisionedThroughputExceededException') : answer(response, 200, {});
  await stores.tabular.put(at, 'a', 1);
  expect(calls).toHaveLength(3);
  answers = (_, response) => fail(response, 400, 'ThrottlingException');
  expect((await expectCode('unavailable', stores.tabular.put(at, 'a', 1))).message).toContain('throttled');
});

it('never repeats a conflict', async () => {
  answers = (_, response) => fail(response, 400, 'ConditionalCheckFailedException');
  await expectCode('conflict', stores.tabular.put(at, 'a', 1, { ifVersion: 'absent' }));
  expect(calls).toEqual(['PutItem']);
});

it('repeats a read that was not answered', async () => {
  answers = (_, response) => {
    if (calls.length > 1) answer(response, 200, {});
  };
  expect(await stores.tabular.get(at, 'a')).toBeUndefined();
  expect(calls).toEqual(['GetItem', 'GetItem']);
});

it.each([
  ['ResourceNotFoundException', 'the table does not exist'],
  ['AccessDeniedException', 'the credentials are refused'],
  ['UnrecognizedClientException', 'the credentials are refused'],
])('says at the opening what %s means', async (name, advice) => {
  answers = (_, response) => fail(response, 400, name);
  const { message } = await expectCode('unavailable', openDynamo(options(), { timeouts }));
  expect(message).toContain(`DynamoDB could not open table northstar: ${advice}`);
});

it('gives up on an append that others overtake again and again', async () => {
  answers = (operation, response) =>
    operation === 'PutItem' ? fail(response, 400, 'ConditionalCheckFailedException') : answer(response, 200, {});
  const { message } = await expectCode('unavailable', stores.spine.append(at, event));
  expect(message).toContain('too many writers');
});

it('refuses an item that belongs to another tenant than its key says', async () => {
  const item = {
    pk: { S: 't_a|r|notes' },
    sk: { S: 'a' },
    tenant: { S: 't_b' },
    json: { S: '1' },
    version: { S: 'v' },
  };
  answers = (_, response) => answer(response, 200, { Item: item });
  await expectCode('corrupt', stores.tabular.get(at, 'a'));
});

it('[STORE-01] answers within bounds when the server is stopped midway, and after close', async () => {
  const table = await startDynalite();
  const live = await table.open();
  await ensureTable(table.options);
  await live.spine.append(at, event);
  const running = Promise.allSettled(Array.from({ length: 50 }, (_, i) => live.tabular.put(at, `k${i}`, i)));
  await table.stop();
  const started = performance.now();
  for (const result of await running) {
    if (result.status === 'rejected') expect(['unavailable', 'unknown_outcome']).toContain(result.reason.code);
  }
  await expectCode('unavailable', live.tabular.put(at, 'a', 1));
  await expectCode('unavailable', live.tabular.list(at));
  await expectCode('unavailable', live.spine.append(at, event));
  expect(performance.now() - started).toBeLessThan(15_000);
  await live.close();
  await live.close();
  expect((await expectCode('unavailable', live.tabular.get(at, 'a'))).message).toContain('closed');
});
