import { afterEach, beforeEach, expect, it } from 'vitest';
import { S3Failure } from '../../../../test/engines/s3-server/s3-failure.ts';
import { startS3Server, type Fault, type S3Server } from '../../../../test/engines/s3-server/s3-server.ts';
import { expectCode } from '../../contract/contract-kit.ts';
import { chunkOfClaimedSize } from '../../contract/claimed-size.ts';
import { tempFolder, type TempFolder } from '../../contract/temp-folder.ts';
import { openSqlite, type SqliteEngine } from '../sqlite/open-sqlite.ts';
import { SqliteTabularStore } from '../sqlite/sqlite-tabular-store.ts';
import { openS3, type S3Stores } from './open-s3.ts';

const at = { tenantId: 't_a', kind: 'media' };
const VIDEO = { mediaType: 'video/mp4' };
let folder: TempFolder;
let server: S3Server;
let names: SqliteEngine;
let s3: S3Stores;
let fault: (request: string) => Fault;

beforeEach(async () => {
  folder = await tempFolder();
  fault = () => undefined;
  server = await startS3Server({ fault: (request) => fault(request) });
  names = await openSqlite(folder.path);
  s3 = await openS3({ ...server, names: new SqliteTabularStore(names), spoolDir: folder.path });
});
afterEach(async () => {
  await s3.close();
  names.close();
  await server.stop();
  await folder.remove();
});

it('refuses what is longer than one upload takes, before a byte is sent', async () => {
  const { limits } = s3.objects;
  expect(limits.maxValueBytes).toBe(5 * 1024 ** 3);
  const before = server.requests.length;
  await expectCode('too_large', s3.objects.put(at, 'a', chunkOfClaimedSize(limits.maxValueBytes + 1), VIDEO));
  // A caller's own limit above it changes nothing.
  const body = chunkOfClaimedSize(limits.maxValueBytes + 1);
  await expectCode('too_large', s3.objects.put(at, 'a', body, { ...VIDEO, maxBytes: limits.maxValueBytes + 1 }));
  expect(server.requests.slice(before)).toEqual([]);
  expect(await s3.objects.stat(at, 'a')).toBeUndefined();
});

it('says that an object is too large when the service says so, after one try, and names nothing', async () => {
  fault = (request) => (request.startsWith('PUT') ? new S3Failure(400, 'EntityTooLarge') : undefined);
  await expectCode('too_large', s3.objects.put(at, 'a', Buffer.from('text'), VIDEO));
  expect(server.requests.filter((request) => request.startsWith('PUT'))).toHaveLength(1);
  expect(await s3.objects.stat(at, 'a')).toBeUndefined();
});
