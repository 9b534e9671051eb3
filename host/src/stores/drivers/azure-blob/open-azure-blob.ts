import type { BlobServiceClient as BlobService, StoragePipelineOptions } from '@azure/storage-blob';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectStore } from '../../object-store.ts';
import type { TabularStore } from '../../tabular-store.ts';
import { onFiles } from '../file-error.ts';
import { importClient } from '../import-client.ts';
import { NamedObjectStore } from '../named-object-store.ts';
import { AzureBlobs } from './azure-blobs.ts';
import { onAzure } from './azure-calls.ts';

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
  /** Made when it is not there. */
  readonly container: string;
  /** Before the name of every blob; default none. Several hosts that share their names share it too. */
  readonly prefix?: string;
  /** The names of the objects: a driver itself, below the key codec. */
  readonly names: TabularStore;
  /**
   * Where a body waits until its length and hash are known. Each process makes a folder of its own in it, and removes
   * it when it closes; one that has died leaves its folder behind.
   */
  readonly spoolDir: string;
  /** Milliseconds after which a call is given up; a second per mebibyte is added for an upload. Default 10,000. */
  readonly timeoutMs?: number;
};

export interface AzureBlobStores {
  /** The driver itself: the host puts the key codec on top. */
  readonly objects: ObjectStore;
  /** Removes the spool folder. May be called twice. The names are closed by who opened them. */
  close(): Promise<void>;
}

/**
 * Opens objects in a container of Azure Blob Storage.
 *
 * @throws StoreError `unavailable` when the package `@azure/storage-blob` is not installed, the account does not
 * answer or refuses, or the spool folder cannot be made.
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
  await onAzure(`open container ${container}`, timeoutMs, (abortSignal) => client.createIfNotExists({ abortSignal }));
  const spool = await onFiles('make its spool folder', async () => {
    await mkdir(spoolDir, { recursive: true });
    return mkdtemp(join(spoolDir, 'spool-'));
  });
  const blobs = new AzureBlobs({ container: client, prefix, spoolFolder: spool, timeoutMs });
  return {
    objects: new NamedObjectStore(blobs, names, { ...names.caps, verified: 'emulator' }),
    close: () => rm(spool, { recursive: true, force: true }),
  };
}
