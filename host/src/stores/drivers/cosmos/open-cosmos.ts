import type { Container, SqlParameter } from '@azure/cosmos';
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
  const client = new CosmosClient({
    endpoint,
    key,
    connectionPolicy: {
      requestTimeout: timeoutMs,
      enableEndpointDiscovery: !emulator,
      enableBackgroundEndpointRefreshing: !emulator,
      // Throttled calls wait as long as the engine asks for.
      retryOptions: { maxRetryAttemptCount: 9, fixedRetryIntervalInMilliseconds: 0, maxWaitTimeInSeconds: seconds },
    },
  });
  const calls = new CosmosCalls(timeoutMs);
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

/**
 * The items that a query finds in one partition, page by page. The query itself must ask for `c.pk = @pk` too: not
 * every engine that speaks this protocol keeps to the partition it is told.
 */
export async function* itemsOf<T>(
  { container }: CosmosEngine,
  query: { text: string; pk: string; with?: Record<string, string | number> },
  abortSignal: AbortSignal,
): AsyncGenerator<T> {
  const all = Object.entries({ pk: query.pk, ...query.with });
  const parameters = all.map(([name, value]): SqlParameter => ({ name: `@${name}`, value }));
  // As many as a page of the port: the service itself ends a response at 4 MB.
  const options = { partitionKey: query.pk, maxItemCount: MAX_PAGE, abortSignal };
  const iterator = container.items.query<T>({ query: query.text, parameters }, options);
  while (iterator.hasMoreResults()) {
    const { resources } = await iterator.fetchNext();
    yield* resources ?? [];
  }
}
