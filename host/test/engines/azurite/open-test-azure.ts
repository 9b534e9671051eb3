/** Objects in a container of Azurite, their names in a folder of their own. Only imported by tests. */
import { join } from 'node:path';
import { tempFolder } from '../../../src/stores/contract/temp-folder.ts';
import { openAzureBlob, type AzureAccount } from '../../../src/stores/drivers/azure-blob/open-azure-blob.ts';
import { openSqlite } from '../../../src/stores/drivers/sqlite/open-sqlite.ts';
import { SqliteTabularStore } from '../../../src/stores/drivers/sqlite/sqlite-tabular-store.ts';
import type { ObjectStore } from '../../../src/stores/object-store.ts';
import type { TabularStore } from '../../../src/stores/tabular-store.ts';
import { objectsWithKeyCodec } from '../../../src/stores/with-key-codec.ts';

export interface TestAzure {
  readonly store: ObjectStore;
  readonly names: TabularStore;
  /** Where bodies wait on their way in. */
  readonly spoolDir: string;
  /** Closes the objects only, as the host does first. */
  closeObjects(): Promise<void>;
  close(): Promise<void>;
}

/** @param account a connection string, or what the engine takes. */
export async function openTestAzure(account: string | AzureAccount, timeoutMs = 10_000): Promise<TestAzure> {
  const folder = await tempFolder();
  const sqlite = await openSqlite(folder.path);
  const close = async (): Promise<void> => {
    sqlite.close();
    await folder.remove();
  };
  const names = new SqliteTabularStore(sqlite);
  const spoolDir = join(folder.path, 'spool');
  const place = { container: 'objects', prefix: 'lab/', spoolDir, names, timeoutMs };
  try {
    const from = typeof account === 'string' ? { connectionString: account } : account;
    const blob = await openAzureBlob({ ...from, ...place });
    const store = objectsWithKeyCodec(blob.objects);
    return { store, names, spoolDir, closeObjects: () => blob.close(), close: () => blob.close().then(close) };
  } catch (error) {
    await close();
    throw error;
  }
}
