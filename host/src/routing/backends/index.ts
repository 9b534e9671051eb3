import type { Backend } from '../engine.ts';
import { azureBlobBackend } from './azure-blob.ts';
import { cosmosBackend } from './cosmos.ts';
import { dynamodbBackend } from './dynamodb.ts';
import { filesystemBackend } from './filesystem.ts';
import { firestoreBackend } from './firestore.ts';
import { natsBackend } from './nats.ts';
import { postgresBackend } from './postgres.ts';
import { redisBackend } from './redis.ts';
import { s3Backend } from './s3.ts';

/** Every engine that a route can name. */
export const BACKENDS: readonly Backend[] = [
  filesystemBackend,
  postgresBackend,
  redisBackend,
  natsBackend,
  dynamodbBackend,
  firestoreBackend,
  cosmosBackend,
  s3Backend,
  azureBlobBackend,
];
