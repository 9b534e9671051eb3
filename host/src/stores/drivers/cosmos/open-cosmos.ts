import type { Container, CosmosClientOptions, PluginConfig, SqlParameter } from '@azure/cosmos';
import type { EngineCaps } from '../../engine-caps.ts';
import { MAX_PAGE } from '../../page-limit.ts';
import { importClient } from '../import-client.ts';
import { cosmosCaps } from './cosmos-caps.ts';
import { CosmosCalls } from './cosmos-calls.ts';
import { CosmosEventSpine } from './cosmos-event-spine.ts';
import { CosmosTabularStore } from './cosmos-tabular-store.ts';

export interface CosmosOptions {
  /** `https://<account>.documents.azure.com:443/` */
  readonly endpoint: string;
  /** The account's key. */
  readonly key: string;
  /** Database and container are made when they are not there. A container that is there needs the partition key `/pk`. */
  readonly database: string;
  readonly container: string;
  /** Speaks to this endpoint only, and does not ask it for regions: emulators answer with addresses that are not theirs. */
  readonly emulator?: boolean;
  /** Milliseconds after which a call is given up; default 10,000. */
  readonly timeoutMs?: number;
  /** Milliseconds since 1970, for the times of events; default `Date.now`. */
  readonly now?: () => number;
}

/** What the two stores share. */
export interface CosmosEngine {
  readonly container: Container;
  readonly calls: CosmosCalls;
  readonly caps: EngineCaps;
  readonly now: () => number;
}

export interface CosmosStores {
  /** The drivers themselves: the host puts the key codec on top. */
  readonly tabular: CosmosTabularStore;
  readonly spine: CosmosEventSpine;
  /** Refuses further calls and stops the client's timers. May be called twice. */
  close(): Promise<void>;
}

/**
 * Opens records and event streams in one container of Azure Cosmos DB for NoSQL.
 *
 * One tenant's records of one kind, and one stream, are each a logical partition: at most 20 GB and 10,000 request
 * units a second.
 *
 * @throws StoreError `unavailable` when the package `@azure/cosmos` is not installed or the account does not answer.
 */
export async function openCosmos(options: CosmosOptions): Promise<CosmosStores> {
  const { CosmosClient } = await importClient('Cosmos DB', '@azure/cosmos', () => import('@azure/cosmos'));
  const { endpoint, key, emulator = false, timeoutMs = 10_000, now = Date.now } = options;
  const seconds = Math.ceil(timeoutMs / 1000);
  const calls = new CosmosCalls(timeoutMs);
  // The client knows plugins, and exports their types; only the type of its options does not name them.
  const clientOptions: CosmosClientOptions & { plugins: PluginConfig[] } = {
    endpoint,
    key,
    connectionPolicy: {
      requestTimeout: timeoutMs,
      enableEndpointDiscovery: !emulator,
      enableBackgroundEndpointRefreshing: !emulator,
      // Throttled calls wait as long as the engine asks for.
      retryOptions: { maxRetryAttemptCount: 9, fixedRetryIntervalInMilliseconds: 0, maxWaitTimeInSeconds: seconds },
    },
    plugins: [calls.failed.plugin],
  };
  const client = new CosmosClient(clientOptions);
  try {
    const { container, caps } = await calls.run({ doing: `open ${options.database}` }, async (abortSignal) => {
      const { database } = await client.databases.createIfNotExists({ id: options.database }, { abortSignal });
      const made = await database.containers.createIfNotExists(
        {
          id: options.container,
          partitionKey: { paths: ['/pk'] },
          indexingPolicy: { includedPaths: [{ path: '/*' }], excludedPaths: [{ path: '/json/?' }] },
        },
        { abortSignal },
      );
      const { resource } = await client.getDatabaseAccount({ abortSignal });
      return { container: made.container, caps: cosmosCaps(resource?.consistencyPolicy) };
    });
    const engine: CosmosEngine = { container, calls, caps, now };
    return {
      tabular: new CosmosTabularStore(engine),
      spine: new CosmosEventSpine(engine),
      async close() {
        calls.close();
        client.dispose();
      },
    };
  } catch (error) {
    client.dispose();
    throw error;
  }
}

export interface ItemQuery {
  /** `TOP 1 c.first` */
  readonly select: string;
  readonly pk: string;
  readonly tenantId: string;
  /** A condition, an order behind it; its `@names` are in `with`. */
  readonly where: string;
  readonly with: Readonly<Record<string, string | number>>;
}

/**
 * The items that a query finds in one partition, page by page. The filter asks for the partition and the tenant too:
 * not every engine that speaks this protocol keeps to the partition it is told, and one mistake alone must not cross
 * tenants.
 */
export async function* itemsOf<T>(
  { container }: CosmosEngine,
  { select, pk, tenantId, where, with: values }: ItemQuery,
  abortSignal: AbortSignal,
): AsyncGenerator<T> {
  const query = `SELECT ${select} FROM c WHERE c.pk = @pk AND c.tenantId = @tenantId AND ${where}`;
  const all = Object.entries({ pk, tenantId, ...values });
  const parameters = all.map(([name, value]): SqlParameter => ({ name: `@${name}`, value }));
  // As many as a page of the port: the service itself ends a response at 4 MB.
  const options = { partitionKey: pk, maxItemCount: MAX_PAGE, abortSignal };
  const iterator = container.items.query<T>({ query, parameters }, options);
  while (iterator.hasMoreResults()) {
    const { resources } = await iterator.fetchNext();
    yield* resources ?? [];
  }
}
