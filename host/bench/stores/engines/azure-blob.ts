import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAzurite } from '../../../test/engines/azurite/start-azurite.ts';
import { openAzureBlob } from '../../../src/stores/drivers/azure-blob/open-azure-blob.ts';
import { openSqlite } from '../../../src/stores/drivers/sqlite/open-sqlite.ts';
import { SqliteTabularStore } from '../../../src/stores/drivers/sqlite/sqlite-tabular-store.ts';
import { objectsWithKeyCodec, tabularWithKeyCodec } from '../../../src/stores/with-key-codec.ts';
import { portSide, type ObjectSide, type Rig } from '../store-side.ts';

/** The Azure Blob engine, and its client by hand, on one Azurite. */
export async function openAzureBlobRig(): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'northstar-bench-azure-'));
  const { connectionString, stop } = await startAzurite();
  const sqlite = await openSqlite(folder);
  const names = new SqliteTabularStore(sqlite);
  const port = await openAzureBlob({ connectionString, container: 'port', names, spoolDir: join(folder, 'spool') });
  const container = BlobServiceClient.fromConnectionString(connectionString).getContainerClient('bare');
  await container.createIfNotExists();
  return {
    port: portSide({ objects: objectsWithKeyCodec(port.objects) }),
    bare: bareObjects(container, tabularWithKeyCodec(names)),
    bareDoes:
      'the hash in memory, a look whether the bytes are there, a conditional upload under the hash, and the name in the ' +
      'same SQLite; a read looks the name and the bytes up before it gets them, and hashes as they pass. The port ' +
      'copies the body first, a large one to a file, because it may be a stream of any length',
    async close() {
      await port.close();
      sqlite.close();
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function bareObjects(container: ContainerClient, names: ReturnType<typeof tabularWithKeyCodec>): ObjectSide {
  const at = { tenantId: 't_bench', kind: 'bare' };
  return {
    async putObject(key, body) {
      const sha256 = createHash('sha256').update(body).digest('hex');
      const blob = container.getBlockBlobClient(sha256);
      if (!(await blob.exists())) await blob.uploadData(body, { conditions: { ifNoneMatch: '*' } });
      await names.put(at, key, { sha256, size: body.length });
    },
    async getObject(key) {
      const { sha256, size } = (await names.get<{ sha256: string; size: number }>(at, key))!.value;
      const blob = container.getBlockBlobClient(sha256);
      if ((await blob.getProperties()).contentLength !== size) throw new Error('corrupt');
      const hash = createHash('sha256');
      let bytes = 0;
      for await (const chunk of (await blob.download()).readableStreamBody as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        hash.update(chunk);
      }
      if (hash.digest('hex') !== sha256) throw new Error('corrupt');
      return bytes;
    },
  };
}
