import type { BlobServiceClient as BlobService, StoragePipelineOptions } from '@azure/storage-blob';
import type { ObjectStore } from '../../object-store.ts';
import type { TabularStore } from '../../tabular-store.ts';
import { importClient } from '../import-client.ts';
import { NamedObjectStore } from '../named-object-store.ts';
import { openSpoolFolder } from '../spool-folder.ts';
import { AzureBlobs } from './azure-blobs.ts';
import { onAzure, statusOf } from './azure-calls.ts';

/** Either a connection string, or the account's address and a credential. */
export type AzureAccount =
  | { readonly connectionString: string; readonly url?: never; readonly credential?: never }
  | {
      readonly connectionString?: never;
      /** `https://<account>.blob.core.windows.net`; a shared access signature may be in it. */
      readonly url: string;
      /** A token credential of `@azure/identity`, or a shared key of `@azure/storage-blob`. */
      readonly credential?: BlobService['credential'];
    };

export type AzureBlobOptions = AzureAccount & {
  /** Made when it is not there, if the credential may. */
  readonly container: string;
  /** Before the name of every blob; default none. Several hosts that share their names share it too. */
  readonly prefix?: string;
  /** The names of the objects: a driver itself, below the key codec. */
  readonly names: TabularStore;
  /** A folder with room for the bodies that are on their way in. Hosts may share it. */
  readonly spoolDir: string;
  /** Milliseconds after which a call is given up; a second per mebibyte is added for an upload. Default 10,000. */
  readonly timeoutMs?: number;
};

export interface AzureBlobStores {
  /** The driver itself: the host puts the key codec on top. */
  readonly objects: ObjectStore;
  /** Refuses what comes later. May be called twice. The names are closed by who opened them. */
  close(): Promise<void>;
}

/**
 * Opens objects in a container of Azure Blob Storage. A credential that may not make containers, as a shared access
 * signature for one of them, opens it without a look: whether it may read and write shows at the first call.
 *
 * @throws StoreError `unavailable` when the package `@azure/storage-blob` is not installed, the account does not
 * answer, or the spool folder cannot be made.
 */
export async function openAzureBlob(options: AzureBlobOptions): Promise<AzureBlobStores> {
  const name = '@azure/storage-blob';
  const { BlobServiceClient } = await importClient('Azure Blob', name, () => import('@azure/storage-blob'));
  const { connectionString, url, credential, container, prefix = '', names, spoolDir, timeoutMs = 10_000 } = options;
  const pipeline: StoragePipelineOptions = {
    retryOptions: { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 2000 },
  };
  const service =
    connectionString === undefined
      ? new BlobServiceClient(url, credential, pipeline)
      : BlobServiceClient.fromConnectionString(connectionString, pipeline);
  const client = service.getContainerClient(container);
  await onAzure(`open container ${container}`, timeoutMs, async (abortSignal) => {
    try {
      await client.createIfNotExists({ abortSignal });
    } catch (error) {
      if (statusOf(error) !== 403) throw error;
    }
  });
  const spoolFolder = await openSpoolFolder(spoolDir, 'northstar-azure-spool');
  const blobs = new AzureBlobs({ container: client, prefix, spoolFolder, timeoutMs });
  return {
    objects: new NamedObjectStore(blobs, names, { ...names.caps, verified: 'emulator' }),
    async close() {
      blobs.close();
    },
  };
}
