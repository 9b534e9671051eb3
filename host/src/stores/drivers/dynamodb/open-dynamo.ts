import type * as Clients from '@aws-sdk/client-dynamodb';
import type { EventSpine } from '../../event-spine.ts';
import type { TabularStore } from '../../tabular-store.ts';
import { importClient } from '../import-client.ts';
import { DynamoEventSpine, type DynamoSpineOptions } from './dynamo-event-spine.ts';
import { toStoreError } from './dynamo-error.ts';
import { DynamoTable } from './dynamo-table.ts';
import { DynamoTabularStore } from './dynamo-tabular-store.ts';

export interface AccessKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface DynamoOptions {
  /** For an emulator or a private endpoint; default the service in the region. */
  readonly endpoint?: string;
  readonly region: string;
  readonly table: string;
  /** Default: the chain of the AWS client (environment, shared files, role of the machine). */
  readonly credentials?: AccessKeys;
}

/** What tests set otherwise. */
export interface DynamoTuning extends DynamoSpineOptions {
  readonly timeouts?: Partial<typeof TIMEOUTS>;
}

export interface DynamoStores {
  readonly tabular: TabularStore;
  readonly spine: EventSpine;
  /** Waits for running calls; later ones are `unavailable`. May be called twice. */
  close(): Promise<void>;
}

/** Milliseconds until a connection stands, and until an answer is complete. With 4 attempts a read ends within 25 s. */
const TIMEOUTS = { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true };
const ATTEMPTS = 4;

/**
 * Opens an existing table (see `ensureTable` for its schema). Both stores expect the key codec above them.
 *
 * @throws StoreError `unavailable`: a client package is missing, or the table or the service cannot be reached.
 */
export async function openDynamo(options: DynamoOptions, tuning: DynamoTuning = {}): Promise<DynamoStores> {
  const clients = await importClient('dynamodb', '@aws-sdk/client-dynamodb', () => import('@aws-sdk/client-dynamodb'));
  const library = await importClient('dynamodb', '@aws-sdk/lib-dynamodb', () => import('@aws-sdk/lib-dynamodb'));
  const config = clientConfig(options, tuning.timeouts);
  const reads = new clients.DynamoDBClient(config);
  const standard = await reads.config.retryStrategy();
  const writes = new clients.DynamoDBClient({ ...config, retryStrategy: throttlingOnly(standard) });
  const both = {
    reads: library.DynamoDBDocumentClient.from(reads),
    writes: library.DynamoDBDocumentClient.from(writes),
    destroy: () => [reads, writes].forEach((client) => client.destroy()),
  };
  const table = new DynamoTable(library, both, options.table);
  try {
    // Any read: it shows at start, not at the first request, that the table or the permission is missing.
    await table.get({ pk: '-', sk: '-', tenant: '' }, `open table ${options.table}`);
  } catch (error) {
    await table.close();
    throw error;
  }
  return {
    tabular: new DynamoTabularStore(table),
    spine: new DynamoEventSpine(table, tuning),
    close: () => table.close(),
  };
}

/**
 * Creates the table unless it exists, for tests and labs, and waits until it can be used. In production create it with
 * your infrastructure: text attributes `pk` (HASH) and `sk` (RANGE), no index, no stream, no time to live; turn on
 * point-in-time recovery. Partition keys start with `<tenant>|`, so a policy can pin a role to a tenant
 * (`dynamodb:LeadingKeys`).
 */
export async function ensureTable(options: DynamoOptions): Promise<void> {
  const clients = await importClient('dynamodb', '@aws-sdk/client-dynamodb', () => import('@aws-sdk/client-dynamodb'));
  const client = new clients.DynamoDBClient(clientConfig(options));
  const TableName = options.table;
  try {
    await createTable(clients, client, TableName);
    await clients.waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 2 }, { TableName });
  } catch (error) {
    throw toStoreError(error, `create table ${TableName}`, { writing: false });
  } finally {
    client.destroy();
  }
}

async function createTable(clients: typeof Clients, client: Clients.DynamoDBClient, TableName: string): Promise<void> {
  try {
    await client.send(
      new clients.CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      }),
    );
  } catch (error) {
    if ((error as Error).name !== 'ResourceInUseException') throw error;
  }
}

function clientConfig(
  { endpoint, region, credentials }: DynamoOptions,
  timeouts: DynamoTuning['timeouts'] = {},
): Clients.DynamoDBClientConfig {
  const requestHandler = { ...TIMEOUTS, ...timeouts };
  return { endpoint, region, credentials, maxAttempts: ATTEMPTS, requestHandler };
}

type Retries = Awaited<ReturnType<Clients.DynamoDBClient['config']['retryStrategy']>>;

/**
 * The client's own retries, with its jitter, for throttling alone. A write that timed out may have been carried out:
 * repeated, its own condition would fail, and the caller would learn of a conflict with itself.
 */
function throttlingOnly(standard: Retries): Retries {
  if (!('refreshRetryTokenForRetry' in standard)) throw new Error('The AWS client has no retry strategy to restrict.');
  return {
    acquireInitialRetryToken: (scope) => standard.acquireInitialRetryToken(scope),
    async refreshRetryTokenForRetry(token, info) {
      if (info.errorType !== 'THROTTLING') throw info.error;
      return standard.refreshRetryTokenForRetry(token, info);
    },
    recordSuccess: (token) => standard.recordSuccess(token),
  };
}
