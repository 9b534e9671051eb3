import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { receiveBody, type ReceivedBody } from './receive-body.ts';
import { S3Failure } from './s3-failure.ts';

export interface StoredObject extends ReceivedBody {
  readonly headers: Readonly<Record<string, string>>;
  readonly modified: Date;
}

export interface Bucket {
  readonly objects: Map<string, StoredObject>;
  readonly folder: string;
  /** Does what servers do that do not know conditions: accepts every write. For negative controls. */
  readonly ignoreConditions: boolean;
}

export interface ObjectCall {
  readonly bucket: Bucket;
  readonly key: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export async function putObject({ bucket, key, request, response }: ObjectCall): Promise<void> {
  const body = await receiveBody(request, bucket.folder);
  const before = bucket.objects.get(key);
  try {
    // No await from here to `set`: this is what makes one of two racing writes the first.
    if (!bucket.ignoreConditions) assertWritable(before, request);
  } catch (error) {
    await rm(body.file, { force: true });
    throw error;
  }
  bucket.objects.set(key, { ...body, headers: kept(request), modified: new Date() });
  if (before) await rm(before.file, { force: true });
  response.writeHead(200, { etag: body.etag });
  response.end();
}

export async function getObject({ bucket, key, request, response }: ObjectCall): Promise<void> {
  const object = found(bucket, key);
  assertReadable(object, request);
  const headers = {
    ...object.headers,
    etag: object.etag,
    'last-modified': object.modified.toUTCString(),
    'accept-ranges': 'bytes',
  };
  const range = byteRange(request.headers.range, object.size);
  const [first, last] = range ?? [0, object.size - 1];
  const length = { 'content-length': last - first + 1 };
  if (range)
    response.writeHead(206, { ...headers, ...length, 'content-range': `bytes ${first}-${last}/${object.size}` });
  else response.writeHead(200, { ...headers, ...length });
  if (request.method === 'HEAD' || object.size === 0) response.end();
  // A client that goes away midway is no failure of the server.
  else await pipeline(createReadStream(object.file, { start: first, end: last }), response).catch(() => {});
}

export async function deleteObject({ bucket, key, response }: ObjectCall): Promise<void> {
  const object = bucket.objects.get(key);
  bucket.objects.delete(key);
  if (object) await rm(object.file, { force: true });
  response.writeHead(204);
  response.end();
}

function found(bucket: Bucket, key: string): StoredObject {
  const object = bucket.objects.get(key);
  if (!object) throw new S3Failure(404, 'NoSuchKey');
  return object;
}

function assertWritable(before: StoredObject | undefined, { headers }: IncomingMessage): void {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers;
  if (noneMatch !== undefined && noneMatch !== '*') throw new S3Failure(501, 'NotImplemented');
  if (noneMatch === '*' && before) throw new S3Failure(412, 'PreconditionFailed');
  if (match !== undefined && !before) throw new S3Failure(404, 'NoSuchKey');
  if (match !== undefined && match !== before?.etag) throw new S3Failure(412, 'PreconditionFailed');
}

function assertReadable(object: StoredObject, { headers }: IncomingMessage): void {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers;
  if (match !== undefined && match !== object.etag) throw new S3Failure(412, 'PreconditionFailed');
  if (noneMatch === object.etag) throw new S3Failure(304, 'NotModified');
}

/** First and last byte; undefined for the whole, which S3 also sends for a range that it cannot parse. */
function byteRange(header: string | undefined, size: number): readonly [number, number] | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start > end) throw new S3Failure(416, 'InvalidRange');
  return [start, end];
}

function kept({ headers }: IncomingMessage): Record<string, string> {
  const names = Object.keys(headers).filter((name) => name.startsWith('x-amz-meta-'));
  const meta = Object.fromEntries(names.map((name) => [name, String(headers[name])]));
  return { ...meta, 'content-type': headers['content-type'] ?? 'binary/octet-stream' };
}
