/**
 * Puts and gets one object in a process of its own, for the test of constant memory. The bytes are made as they are
 * asked for. Argument: the run as JSON. Prints one line of JSON.
 */
import { createHash } from 'node:crypto';
import type { ObjectStore } from '../object-store.ts';
import type { TabularStore } from '../tabular-store.ts';

/** `folder` is for names, and for files or bodies on their way to a service. */
export type LargeObjectEngine = { readonly folder: string } & (
  | { readonly kind: 'files' }
  | {
      readonly kind: 's3';
      readonly endpoint: string;
      readonly region: string;
      readonly bucket: string;
      readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    }
  | { readonly kind: 'azure_blob'; readonly connectionString: string }
);

export interface LargeObjectRun {
  readonly engine: LargeObjectEngine;
  readonly mebibytes: number;
}

export interface LargeObjectReport {
  /** Of the object as it was made, as the store said, and as it came back. */
  readonly sha256: { readonly made: string; readonly stored: string; readonly read: string };
  readonly size: number;
  /** Hex of the bytes of each range, as they were made and as they were read. */
  readonly ranges: readonly { readonly made: string; readonly read: string }[];
  /** Bytes; the most that the process ever held. */
  readonly peakRss: number;
}

const MIB = 1024 * 1024;
const { engine, mebibytes } = JSON.parse(process.argv[2]!) as LargeObjectRun;
const size = mebibytes * MIB;
const at = { tenantId: 't_large', kind: 'media' };
const block = Buffer.alloc(256 * 1024, 'northstar ');

/** Block `i` of the object: no two are equal. */
function blockAt(i: number): Buffer {
  block.writeUInt32LE(i);
  return block;
}

function byteAt(position: number): number {
  return blockAt(Math.floor(position / block.length))[position % block.length]!;
}

interface Opened {
  readonly objects: ObjectStore;
  close(): Promise<void>;
}

/** Loads what this engine needs and nothing else: it counts. */
async function open(): Promise<Opened> {
  if (engine.kind === 'files') {
    const { openEmbeddedStores } = await import('../open-embedded-stores.ts');
    return openEmbeddedStores(engine.folder);
  }
  const { openSqlite } = await import('../drivers/sqlite/open-sqlite.ts');
  const { SqliteTabularStore } = await import('../drivers/sqlite/sqlite-tabular-store.ts');
  const sqlite = await openSqlite(engine.folder);
  const service = await openService(new SqliteTabularStore(sqlite));
  return { objects: service.objects, close: () => service.close().then(() => sqlite.close()) };
}

async function openService(names: TabularStore): Promise<Opened> {
  const place = { names, spoolDir: engine.folder };
  if (engine.kind === 'azure_blob') {
    const { openAzureBlob } = await import('../drivers/azure-blob/open-azure-blob.ts');
    return openAzureBlob({ connectionString: engine.connectionString, container: 'objects', ...place });
  }
  if (engine.kind !== 's3') throw new Error(`${engine.kind} is no service.`);
  const { openS3 } = await import('../drivers/s3/open-s3.ts');
  const { endpoint, region, bucket, credentials } = engine;
  return openS3({ endpoint, region, bucket, credentials, ...place });
}

async function work(): Promise<LargeObjectReport> {
  const stores = await open();
  const made = createHash('sha256');
  const body = async function* (): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < size / block.length; i++) {
      const bytes = blockAt(i);
      made.update(bytes);
      yield bytes;
    }
  };
  const info = await stores.objects.put(at, 'large', body(), { mediaType: 'video/mp4' });
  const read = createHash('sha256');
  for await (const chunk of (await stores.objects.get(at, 'large'))!.body) read.update(chunk);
  const ranges = [];
  // Over the border of a block, in the middle, and the very last bytes.
  for (const first of [block.length - 2, size / 2 - 2, size - 4]) {
    const expected = Buffer.from([0, 1, 2, 3].map((offset) => byteAt(first + offset))).toString('hex');
    const found = await stores.objects.get(at, 'large', { range: [first, first + 3] });
    const chunks: Uint8Array[] = [];
    for await (const chunk of found!.body) chunks.push(chunk);
    ranges.push({ made: expected, read: Buffer.concat(chunks).toString('hex') });
  }
  await stores.close();
  return {
    sha256: { made: made.digest('hex'), stored: info.sha256, read: read.digest('hex') },
    size: info.size,
    ranges,
    peakRss: process.resourceUsage().maxRSS * 1024,
  };
}

process.stdout.write(JSON.stringify(await work()));
