import type * as Clients from '@aws-sdk/client-s3';
import type { ObjectStore } from '../../object-store.ts';
import type { TabularStore } from '../../tabular-store.ts';
import { importClient } from '../import-client.ts';
import { NamedObjectStore } from '../named-object-store.ts';
import { openSpoolFolder } from '../spool-folder.ts';
import { S3Blobs } from './s3-blobs.ts';
import { toStoreError } from './s3-error.ts';

export interface S3Options {
  /** For a server that speaks S3; default the service in the region. */
  readonly endpoint?: string;
  readonly region: string;
  readonly bucket: string;
  /** Where in the bucket the bytes go: `northstar`, `a/b`. */
  readonly prefix?: string;
  /** Default: the chain of the AWS client (environment, shared files, role of the machine). */
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  /** Keeps the names: the driver itself, below the key codec. */
  readonly names: TabularStore;
  /** A folder with room for the bodies that are on their way in. Hosts may share it. */
  readonly spoolDir: string;
}

export interface S3Stores {
  readonly objects: ObjectStore;
  /** Ends running transfers. May be called twice. Leaves `names` open. */
  close(): Promise<void>;
}

/** Milliseconds until a connection stands, until an answer begins, and for which a transfer may stand still. */
const TIMEOUTS = {
  connectionTimeout: 2_000,
  requestTimeout: 10_000,
  throwOnRequestTimeout: true,
  socketTimeout: 30_000,
};

/**
 * Opens a bucket that exists. The role needs s3:GetObject and s3:PutObject on the prefix, and s3:ListBucket: without
 * it S3 answers 403, not 404, for what is not there.
 *
 * @throws StoreError `unavailable`: the client package is missing, the bucket cannot be reached, or the folder not used.
 */
export async function openS3(options: S3Options, timeouts: Partial<typeof TIMEOUTS> = {}): Promise<S3Stores> {
  const clients = await importClient('s3', '@aws-sdk/client-s3', () => import('@aws-sdk/client-s3'));
  const { bucket, prefix = '', names, spoolDir } = options;
  const spoolFolder = await openSpoolFolder(spoolDir, 'northstar-s3-spool');
  const client = new clients.S3Client(clientConfig(options, timeouts));
  try {
    await client.send(new clients.HeadBucketCommand({ Bucket: bucket }));
  } catch (error) {
    client.destroy();
    throw toStoreError(error, `open bucket ${bucket}`);
  }
  const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  const blobs = new S3Blobs({ clients, client, bucket, prefix: folder, spoolFolder });
  return {
    objects: new NamedObjectStore(blobs, names, { ...names.caps, verified: 'fake' }),
    async close() {
      blobs.close();
    },
  };
}

function clientConfig(
  { endpoint, region, credentials }: S3Options,
  timeouts: Partial<typeof TIMEOUTS>,
): Clients.S3ClientConfig {
  return {
    endpoint,
    region,
    credentials,
    // Bucket names in the host name need DNS that a private server seldom has.
    forcePathStyle: endpoint !== undefined,
    // The bytes are signed with their SHA-256, which is more than these checksums, and known to every server. Their
    // framing is not: some servers store it inside the object.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 3,
    requestHandler: { ...TIMEOUTS, ...timeouts },
    // The default one prints.
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  };
}
