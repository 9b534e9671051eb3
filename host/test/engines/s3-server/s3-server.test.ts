import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type PutObjectCommandInput,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startS3Server, type S3Server } from './s3-server.ts';

let server: S3Server;
const clients: S3Client[] = [];

beforeEach(async () => {
  server = await startS3Server();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await server.stop();
});

const connect = (config: S3ClientConfig = {}, to = server): S3Client => {
  const { endpoint, region, credentials } = to;
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1, ...config });
  clients.push(client);
  return client;
};
const at = (Key: string) => ({ Bucket: server.bucket, Key });
const put = (client: S3Client, key: string, Body: string, input: Partial<PutObjectCommandInput> = {}) =>
  client.send(new PutObjectCommand({ ...at(key), Body, ...input }));
const get = async (client: S3Client, key: string, Range?: string): Promise<string> => {
  const { Body } = await client.send(new GetObjectCommand({ ...at(key), Range }));
  return Body!.transformToString();
};
const refused = (status: number, name?: string) =>
  expect.objectContaining({ ...(name && { name }), $metadata: expect.objectContaining({ httpStatusCode: status }) });

async function raced(client: S3Client): Promise<{ won: number; reasons: unknown[] }> {
  const tries = Array.from({ length: 8 }, (_, i) => put(client, 'race', `body ${i}`, { IfNoneMatch: '*' }));
  const results = await Promise.allSettled(tries);
  const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  return { won: 8 - reasons.length, reasons };
}

it('accepts a signed client, with the framing of its defaults and without', async () => {
  for (const requestChecksumCalculation of ['WHEN_SUPPORTED', 'WHEN_REQUIRED'] as const) {
    const client = connect({ requestChecksumCalculation });
    await put(client, "a b/é'(1)*+~", 'text', { ContentType: 'text/plain', Metadata: { note: 'x' } });
    const stream = Readable.from(Array.from({ length: 30_000 }, () => Buffer.from('streamed ')));
    await client.send(new PutObjectCommand({ ...at('s'), Body: stream, ContentLength: 270_000 }));
    expect(await get(client, "a b/é'(1)*+~")).toBe('text');
    expect(await get(client, 's')).toBe('streamed '.repeat(30_000));
    const head = await client.send(new HeadObjectCommand(at("a b/é'(1)*+~")));
    expect(head).toMatchObject({ ContentLength: 4, ContentType: 'text/plain', Metadata: { note: 'x' } });
  }
});

it('refuses a wrong secret, an unknown key and a clock that is off', async () => {
  const { accessKeyId, secretAccessKey } = server.credentials;
  const wrong = connect({ credentials: { accessKeyId, secretAccessKey: 'wrong' } });
  await expect(put(wrong, 'a', 'x')).rejects.toEqual(refused(403, 'SignatureDoesNotMatch'));
  const unknown = connect({ credentials: { accessKeyId: 'AKIAOTHER', secretAccessKey } });
  await expect(put(unknown, 'a', 'x')).rejects.toEqual(refused(403, 'InvalidAccessKeyId'));
  const late = connect({ systemClockOffset: -3_600_000 });
  await expect(put(late, 'a', 'x')).rejects.toEqual(refused(403, 'RequestTimeTooSkewed'));
  expect((await fetch(`${server.endpoint}/${server.bucket}/a`)).status).toBe(403);
  expect(server.objects.size).toBe(0);
});

it('refuses what was changed after it was signed: path, query, header, body', async () => {
  const changes: [
    string,
    (request: { path: string; query: object; headers: Record<string, string> }) => void,
    number,
  ][] = [
    ['path', (request) => (request.path += 'x'), 403],
    ['query', (request) => Object.assign(request.query, { extra: '1' }), 403],
    ['header', (request) => (request.headers['x-amz-meta-note'] = 'changed'), 403],
    ['new header', (request) => (request.headers['x-amz-meta-new'] = 'unsigned'), 403],
    ['body', (request) => Object.assign(request, { body: 'tampered' }), 400],
  ];
  for (const [what, change, status] of changes) {
    const client = connect({ requestChecksumCalculation: 'WHEN_REQUIRED' });
    client.middlewareStack.add(
      (next) => (args) => {
        change(args.request as never);
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low', name: 'tamper' },
    );
    await expect(put(client, 'a', 'original', { Metadata: { note: 'x' } }), what).rejects.toEqual(refused(status));
  }
  expect(server.objects.size).toBe(0);
  expect(await filesOf(server)).toEqual([]);
});

it('refuses a body that does not match its checksum', async () => {
  const ChecksumSHA256 = createHash('sha256').update('other').digest('base64');
  await expect(put(connect(), 'a', 'body', { ChecksumSHA256 })).rejects.toEqual(refused(400, 'BadDigest'));
  expect(server.objects.size).toBe(0);
});

it('lets one of racing creates win, and one of racing replacements', async () => {
  const client = connect();
  const { won, reasons } = await raced(client);
  expect(won).toBe(1);
  for (const reason of reasons) expect(reason).toEqual(refused(412, 'PreconditionFailed'));
  const { ETag } = await client.send(new HeadObjectCommand(at('race')));
  const tries = Array.from({ length: 8 }, (_, i) => put(client, 'race', `next ${i}`, { IfMatch: ETag }));
  const fulfilled = (await Promise.allSettled(tries)).filter(({ status }) => status === 'fulfilled');
  expect(fulfilled).toHaveLength(1);
  await expect(put(client, 'missing', 'x', { IfMatch: ETag })).rejects.toEqual(refused(404, 'NoSuchKey'));
});

it('fails the race when it ignores conditions, so that the race proves something', async () => {
  const lying = await startS3Server({ ignoreConditions: true });
  expect((await raced(connect({}, lying))).won).toBe(8);
  await lying.stop();
});

it('answers ranges, and 416 for one outside', async () => {
  const client = connect();
  await put(client, 'a', '0123456789');
  for (const [range, text] of [
    ['bytes=0-0', '0'],
    ['bytes=3-6', '3456'],
    ['bytes=8-', '89'],
    ['bytes=-3', '789'],
    ['bytes=5-99', '56789'],
  ] as const) {
    expect(await get(client, 'a', range)).toBe(text);
  }
  await expect(get(client, 'a', 'bytes=10-12')).rejects.toEqual(refused(416, 'InvalidRange'));
});

it('lists more than a page, in byte order, below a prefix', async () => {
  const client = connect();
  const keys = ['p/Z', 'p/a', 'p/é', 'p/\uffee', 'p/😀', 'p/<&>'];
  for (const key of [...keys, 'q']) await put(client, key, 'x');
  const seen: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const input = { Bucket: server.bucket, Prefix: 'p/', MaxKeys: 2, ContinuationToken };
    const page = await client.send(new ListObjectsV2Command(input));
    seen.push(...(page.Contents ?? []).map(({ Key }) => Key!));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  expect(seen).toEqual(['p/<&>', 'p/Z', 'p/a', 'p/é', 'p/\uffee', 'p/😀']);
  const bad = new ListObjectsV2Command({ Bucket: server.bucket, ContinuationToken: 'a' });
  await expect(client.send(bad)).rejects.toEqual(refused(400));
});

it('answers 404 for what is not there, deletes twice, and 501 to what it does not know', async () => {
  const client = connect();
  await put(client, 'a', 'x');
  for (let i = 0; i < 2; i++) await client.send(new DeleteObjectCommand(at('a')));
  await expect(get(client, 'a')).rejects.toEqual(refused(404, 'NoSuchKey'));
  await expect(client.send(new HeadObjectCommand(at('a')))).rejects.toEqual(refused(404));
  const elsewhere = new HeadObjectCommand({ Bucket: 'other', Key: 'a' });
  await expect(client.send(elsewhere)).rejects.toEqual(refused(404));
  const versioned = new GetObjectCommand({ ...at('a'), VersionId: '1' });
  await expect(client.send(versioned)).rejects.toEqual(refused(501, 'NotImplemented'));
  expect(await filesOf(server)).toEqual([]);
});

async function filesOf({ objects }: S3Server): Promise<string[]> {
  const client = connect();
  await put(client, 'probe', 'x');
  const { file } = objects.get('probe')!;
  await client.send(new DeleteObjectCommand(at('probe')));
  return readdir(dirname(file));
}
