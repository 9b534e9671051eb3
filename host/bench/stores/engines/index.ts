import type { Rig } from '../store-side.ts';
import { openAzureBlobRig } from './azure-blob.ts';
import { openCosmosRig } from './cosmos.ts';
import { openDynamoRig } from './dynamodb.ts';
import { openFilesRig } from './files.ts';
import { openFirestoreRig } from './firestore.ts';
import { openNatsRig } from './nats.ts';
import { openPostgresRig } from './postgres.ts';
import { openRedisRig } from './redis.ts';
import { openS3Rig } from './s3.ts';
import { openSqliteRig } from './sqlite.ts';

/** An engine of the benchmark, and what the figures were taken on. */
export interface BenchEngine {
  readonly name: string;
  readonly runsOn: 'this machine' | 'a real server' | 'an emulator';
  open(): Promise<Rig>;
}

export const ENGINES: readonly BenchEngine[] = [
  { name: 'sqlite', runsOn: 'this machine', open: openSqliteRig },
  { name: 'files', runsOn: 'this machine', open: openFilesRig },
  { name: 'postgres', runsOn: 'a real server', open: openPostgresRig },
  { name: 'redis', runsOn: 'a real server', open: openRedisRig },
  { name: 'nats', runsOn: 'a real server', open: openNatsRig },
  { name: 'dynamodb', runsOn: 'an emulator', open: openDynamoRig },
  { name: 'firestore', runsOn: 'an emulator', open: openFirestoreRig },
  { name: 'cosmos', runsOn: 'an emulator', open: openCosmosRig },
  { name: 's3', runsOn: 'an emulator', open: openS3Rig },
  { name: 'azure_blob', runsOn: 'an emulator', open: openAzureBlobRig },
];
