import { createHash, randomUUID } from 'node:crypto';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startS3Server } from '../../../test/engines/s3-server/s3-server.ts';
import { openSqlite } from '../../../src/stores/drivers/sqlite/open-sqlite.ts';
import { SqliteTabularStore } from '../../../src/stores/drivers/sqlite/sqlite-tabular-store.ts';
import { openS3 } from '../../../src/stores/drivers/s3/open-s3.ts';
import { objectsWithKeyCodec, tabularWithKeyCodec } from '../../../src/stores/with-key-codec.ts';
import { portSide, type ObjectSide, type Rig } from '../store-side.ts';

/** The S3 engine, and the S3 client by hand, both on the server of the tests. */
export async function openS3Rig(): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'northstar-bench-s3-'));
  const server = await startS3Server();
  const names = await openSqlite(folder);
  const records = new SqliteTabularStore(names);
  const s3 = await openS3({ ...server, prefix: 'port', names: records, spoolDir: folder });
  const { endpoint, region, credentials, bucket } = server;
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  return {
    port: portSide({ objects: objectsWithKeyCodec(s3.objects) }),
    bare: bareObjects(client, bucket, tabularWithKeyCodec(records)),
    bareDoes:
      'the hash in memory, a look whether the bytes are there, a conditional PutObject under the hash, and the name in ' +
      'the same SQLite; a read looks the name and the bytes up before it gets them, and hashes as they pass. The port ' +
      'copies the body first, a large one to a file, because it may be a stream of any length',
    async close() {
      client.destroy();
      await s3.close();
      names.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function bareObjects(client: S3Client, Bucket: string, names: ReturnType<typeof tabularWithKeyCodec>): ObjectSide {
  const at = { tenantId: 't_bench', kind: 'bare' };
  return {
    async putObject(key, body) {
      const sha256 = createHash('sha256').update(body).digest('hex');
      const Key = `bare/${sha256}`;
      const there = await client.send(new HeadObjectCommand({ Bucket, Key })).catch(() => undefined);
      if (there === undefined)
        await client.send(
          new PutObjectCommand({ Bucket, Key, IfNoneMatch: '*', Body: body, ContentLength: body.length }),
        );
      await names.put(at, key, { sha256, size: body.length, id: randomUUID() });
    },
    async getObject(key) {
      const record = await names.get<{ sha256: string; size: number }>(at, key);
      const Key = `bare/${record!.value.sha256}`;
      const { ContentLength } = await client.send(new HeadObjectCommand({ Bucket, Key }));
      if (ContentLength !== record!.value.size) throw new Error('corrupt');
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      const hash = createHash('sha256');
      let bytes = 0;
      for await (const chunk of Body as AsyncIterable<Uint8Array>) {
        bytes += chunk.length;
        hash.update(chunk);
      }
      if (hash.digest('hex') !== record!.value.sha256) throw new Error('corrupt');
      return bytes;
    },
  };
}
