import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { S3Failure } from '../../../../test/engines/s3-server/s3-failure.ts';
import { startS3Server, type Fault, type S3Server } from '../../../../test/engines/s3-server/s3-server.ts';
import { expectCode } from '../../contract/contract-kit.ts';
import { tempFolder, type TempFolder } from '../../contract/temp-folder.ts';
import { openSqlite, type SqliteEngine } from '../sqlite/open-sqlite.ts';
import { SqliteTabularStore } from '../sqlite/sqlite-tabular-store.ts';
import { openS3, type S3Options, type S3Stores } from './open-s3.ts';

let folder: TempFolder;
let server: S3Server;
let names: SqliteEngine;
let s3: S3Stores;
let fault: (request: string) => Fault;
const at = { tenantId: 't_a', kind: 'media' };
const timeouts = { requestTimeout: 300, socketTimeout: 500 };
const options = (): S3Options => ({ ...server, names: new SqliteTabularStore(names), spoolDir: folder.path });
const put = (key: string, text: string) => s3.objects.put(at, key, Buffer.from(text), { mediaType: 'text/plain' });
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const address = (text: string) => `sha256/${sha256(text).slice(0, 2)}/${sha256(text)}`;
const drain = async (key: string): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await s3.objects.get(at, key))!.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};
const spooled = () => readdir(join(folder.path, 'northstar-s3-spool'));

beforeEach(async () => {
  folder = await tempFolder();
  fault = () => undefined;
  server = await startS3Server({ fault: (request) => fault(request) });
  names = await openSqlite(folder.path);
  s3 = await openS3(options(), timeouts);
});
afterEach(async () => {
  await s3.close();
  names.close();
  await server.stop();
  await folder.remove();
});

it('keeps equal bytes once, under their hash, sends them once, and leaves no temporary file', async () => {
  await put('a', 'same');
  await put('b', 'same');
  expect([...server.objects.keys()]).toEqual([address('same')]);
  expect(server.requests.filter((request) => request.startsWith('PUT'))).toHaveLength(1);
  expect(await spooled()).toEqual([]);
  const prefixed = await openS3({ ...options(), prefix: 'lab/x' });
  await prefixed.objects.put(at, 'c', Buffer.from('same'), { mediaType: 'text/plain' });
  expect([...server.objects.keys()]).toContain(`lab/x/${address('same')}`);
  await prefixed.close();
});

it('stores equal bytes that several hosts put at once, whoever wins', async () => {
  const other = await openS3(options());
  const body = Buffer.alloc(300_000, 'x');
  const puts = [s3, other, s3, other].map(({ objects }, i) =>
    objects.put(at, `k${i}`, body, { mediaType: 'text/plain' }),
  );
  await Promise.all(puts);
  expect(server.objects.size).toBe(1);
  for (let i = 0; i < 4; i++) expect(await drain(`k${i}`)).toHaveLength(300_000);
  await other.close();
});

it('repeats an upload that was cut or refused for a moment, whole', async () => {
  const troubles: Fault[] = [new S3Failure(503, 'SlowDown'), 'cut', new S3Failure(409, 'ConditionalRequestConflict')];
  fault = (request) => (request.startsWith('PUT') ? troubles.shift() : undefined);
  await put('a', 'x'.repeat(100_000));
  expect(await drain('a')).toBe('x'.repeat(100_000));
});

it('does without conditions on a server that does not know them', async () => {
  let refused = 0;
  fault = (request) =>
    request.startsWith('PUT') && refused++ === 0 ? new S3Failure(501, 'NotImplemented') : undefined;
  await put('a', 'text');
  await put('b', 'other');
  expect([await drain('a'), await drain('b'), refused]).toEqual(['text', 'other', 3]);
});

it('reports bytes that are missing or cut short, and heals them by a new put', async () => {
  await put('a', 'precious');
  const key = address('precious');
  server.objects.set(key, { ...server.objects.get(key)!, size: 3 });
  await expectCode('corrupt', s3.objects.get(at, 'a'));
  await put('b', 'precious');
  expect(await drain('a')).toBe('precious');
  server.objects.delete(key);
  await expectCode('corrupt', s3.objects.get(at, 'a'));
  await put('b', 'precious');
  expect(await drain('a')).toBe('precious');
});

it('heals bytes of equal length that another program has put there, by a new put of any host', async () => {
  await put('a', 'precious');
  const key = address('precious');
  const object = server.objects.get(key)!;
  await writeFile(object.file, 'previous');
  server.objects.set(key, { ...object, headers: {} });
  await put('b', 'precious');
  expect([await drain('a'), await drain('b')]).toEqual(['precious', 'precious']);
});

it('reports bytes that changed below the service, and heals them by the next put', async () => {
  await put('a', 'precious');
  await writeFile(server.objects.get(address('precious'))!.file, 'previous');
  await expectCode('corrupt', drain('a'));
  await put('b', 'precious');
  expect([await drain('a'), await drain('b')]).toEqual(['precious', 'precious']);
  await put('c', 'precious');
  expect(server.requests.filter((request) => request.startsWith('PUT'))).toHaveLength(2);
});

it('is refused by the server when the bytes change between the hash and the upload', async () => {
  // Larger than what stays in memory.
  const [large, other] = ['x', 'y'].map((letter) => letter.repeat(2 ** 20 + 1));
  fault = (request) => {
    const spool = join(folder.path, 'northstar-s3-spool');
    if (request.startsWith('HEAD')) for (const file of readdirSync(spool)) writeFileSync(join(spool, file), other!);
    return undefined;
  };
  expect((await expectCode('unavailable', put('a', large!))).message).toContain('XAmzContentSHA256Mismatch');
  expect([server.objects.size, await s3.objects.stat(at, 'a')]).toEqual([0, undefined]);
});

it.each([4, 2 ** 20, 2 ** 20 + 1])(
  'keeps %i bytes as they came, in chunks whose buffer is used again',
  async (size) => {
    const whole = randomBytes(size);
    async function* chunks() {
      const buffer = Buffer.alloc(100_000);
      for (let at = 0; at < size; at += buffer.length) yield buffer.subarray(0, whole.copy(buffer, 0, at));
    }
    const { sha256 } = await s3.objects.put(at, 'a', chunks(), { mediaType: 'text/plain' });
    expect(sha256).toBe(createHash('sha256').update(whole).digest('hex'));
    const got: Uint8Array[] = [];
    for await (const chunk of (await s3.objects.get(at, 'a'))!.body) got.push(chunk);
    expect(Buffer.concat(got).equals(whole)).toBe(true);
    expect(await spooled()).toEqual([]);
  },
);

it.each(['text', 'x'.repeat(2 ** 20 + 1)])('names nothing when the bytes cannot be stored', async (text) => {
  fault = (request) => (request.startsWith('PUT') ? 'cut' : undefined);
  await expectCode('unavailable', put('a', text));
  expect(await s3.objects.stat(at, 'a')).toBeUndefined();
  expect(await spooled()).toEqual([]);
});

it('answers within bounds when the server is silent', async () => {
  await put('a', 'text');
  fault = () => 'silence';
  const started = performance.now();
  await expectCode('unavailable', s3.objects.get(at, 'a'));
  await expectCode('unavailable', put('b', 'other'));
  expect(performance.now() - started).toBeLessThan(20_000);
});

it('[STORE-01] fails a body that the server stops sending, and answers after the server is gone', async () => {
  await s3.objects.put(at, 'big', Buffer.alloc(8_000_000, 'x'), { mediaType: 'video/mp4' });
  const reading = async (): Promise<void> => {
    for await (const _ of (await s3.objects.get(at, 'big'))!.body) await server.stop();
  };
  await expectCode('unavailable', reading());
  await expectCode('unavailable', put('b', 'other'));
  await expectCode('unavailable', s3.objects.get(at, 'big'));
});

it('lets go of a body that is not read to its end', async () => {
  await s3.objects.put(at, 'big', Buffer.alloc(2_000_000, 'x'), { mediaType: 'video/mp4' });
  // More than the connections that the client would keep open for them.
  for (let i = 0; i < 60; i++) for await (const _ of (await s3.objects.get(at, 'big'))!.body) break;
  expect((await drain('big')).length).toBe(2_000_000);
});

it('says at the opening what is wrong: bucket, credentials, endpoint', async () => {
  const message = async (change: Partial<S3Options>): Promise<string> =>
    (await expectCode('unavailable', openS3({ ...options(), ...change }, timeouts))).message;
  expect(await message({ bucket: 'other' })).toContain('the bucket does not exist');
  const credentials = { ...server.credentials, secretAccessKey: 'wrong' };
  expect(await message({ credentials })).toContain('access is denied');
  await server.stop();
  expect(await message({})).toContain('ECONNREFUSED');
});

it('removes old leftovers of its own, and refuses calls once it is closed', async () => {
  const spool = join(folder.path, 'northstar-s3-spool');
  await mkdir(spool, { recursive: true });
  for (const name of ['old', 'new']) await writeFile(join(spool, name), 'half');
  await utimes(join(spool, 'old'), 1, 1);
  await put('a', 'kept');
  const { body } = (await s3.objects.get(at, 'a'))!;
  await s3.close();
  await s3.close();
  await expectCode('unavailable', put('a', 'x'));
  await expectCode('unavailable', body[Symbol.asyncIterator]().next());
  s3 = await openS3(options());
  expect(await spooled()).toEqual(['new']);
});
