import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const HOST = join(import.meta.dirname, '../../..');
const SCRIPT = join(HOST, 'test/engines/missing-client/open-without.mjs');
const AWS = { region: 'eu-west-1', endpoint: 'http://127.0.0.1:1' };
const DYNAMO = { ...AWS, table: 'northstar' };
const COSMOS = { endpoint: 'http://127.0.0.1:1/', key: 'a2V5', database: 'd', container: 'c', emulator: true };
const OBJECTS = { names: {}, spoolDir: tmpdir() };

/** Every opener of the host that loads a client, with the packages it needs. */
const CLIENTS: readonly (readonly [hidden: string, module: string, open: string, options: object])[] = [
  ['pg', 'open-postgres', 'openPostgres', { url: 'postgres://127.0.0.1:1/x' }],
  ['pg', 'postgres-hints', 'openPostgresHints', { url: 'postgres://127.0.0.1:1/x' }],
  ['@redis/client', 'open-redis', 'openRedis', { url: 'redis://127.0.0.1:1' }],
  ['@redis/client', 'redis-hints', 'openRedisHints', { url: 'redis://127.0.0.1:1' }],
  ['@nats-io/transport-node', 'open-nats', 'openNats', { url: 'nats://127.0.0.1:1' }],
  ['@nats-io/jetstream', 'open-nats', 'openNats', { url: 'nats://127.0.0.1:1' }],
  ['@nats-io/transport-node', 'nats-hints', 'openNatsHints', { url: 'nats://127.0.0.1:1' }],
  ['@aws-sdk/client-dynamodb', 'open-dynamo', 'openDynamo', DYNAMO],
  ['@aws-sdk/lib-dynamodb', 'open-dynamo', 'openDynamo', DYNAMO],
  ['@google-cloud/firestore', 'open-firestore', 'openFirestore', { projectId: 'demo', emulatorHost: '127.0.0.1:1' }],
  ['@azure/cosmos', 'open-cosmos', 'openCosmos', COSMOS],
  ['@aws-sdk/client-s3', 'open-s3', 'openS3', { ...AWS, ...OBJECTS, bucket: 'b' }],
  [
    '@azure/storage-blob',
    'open-azure-blob',
    'openAzureBlob',
    { ...OBJECTS, url: 'http://127.0.0.1:1/a', container: 'c' },
  ],
];

it('knows every client that a host may do without', async () => {
  const { peerDependencies } = JSON.parse(await readFile(join(HOST, 'package.json'), 'utf8')) as {
    peerDependencies: Record<string, string>;
  };
  expect([...new Set(CLIENTS.map(([hidden]) => hidden))].sort()).toEqual(Object.keys(peerDependencies).sort());
});

it.each(CLIENTS)('without %s, %s says how to install it', async (hidden, module, open, options) => {
  const argument = JSON.stringify({ hidden, module, open, options });
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, argument]);
  const error = JSON.parse(stdout) as { name: string; code: string; message: string };
  expect(error).toMatchObject({ name: 'StoreError', code: 'unavailable' });
  expect(error.message).toContain(`needs the package ${hidden}; install it beside the host: npm install ${hidden}`);
});
