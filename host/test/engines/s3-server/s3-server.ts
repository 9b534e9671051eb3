import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listObjects } from './list-objects.ts';
import { deleteObject, getObject, putObject, type Bucket, type StoredObject } from './object-requests.ts';
import { S3Failure, sendFailure } from './s3-failure.ts';
import { verifySignature, type AccessKeys } from './sig-v4.ts';

/** What happens to a request instead of its answer: an error, a cut connection, silence. */
export type Fault = S3Failure | 'cut' | 'silence' | undefined;

export interface S3ServerOptions {
  readonly ignoreConditions?: boolean;
  /** Asked before every request, with its method and the key: `HEAD a/b`. */
  readonly fault?: (request: string) => Fault;
}

export interface S3Server {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly credentials: AccessKeys;
  readonly objects: Map<string, StoredObject>;
  /** Every request that came, `PUT a/b`. */
  readonly requests: readonly string[];
  /** Ends at once, with every connection. May be called twice. */
  stop(): Promise<void>;
}

const CREDENTIALS: AccessKeys = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret/for+tests' };
const BUCKET = 'northstar-test';

/**
 * The part of S3 that the S3 engine uses, on a free port of this machine: one bucket, addressed by path, its objects
 * in a temporary folder. It refuses what S3 refuses (signatures, hashes, conditions) and answers 501 to what it does
 * not know, so that it never accepts a request by not understanding it.
 */
export async function startS3Server({ ignoreConditions = false, fault }: S3ServerOptions = {}): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), 'northstar-s3-'));
  const bucket: Bucket = { objects: new Map(), folder, ignoreConditions };
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    try {
      await answer(bucket, { request, response, requests, fault });
    } catch (error) {
      // The rest of a refused body is read and thrown away: the client would otherwise see a cut connection.
      request.resume();
      const failure = error instanceof S3Failure ? error : new S3Failure(500, 'InternalError', String(error));
      if (response.headersSent) response.destroy();
      else sendFailure(response, failure, String(request.method));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    bucket: BUCKET,
    credentials: CREDENTIALS,
    objects: bucket.objects,
    requests,
    async stop() {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requests: string[];
  readonly fault: S3ServerOptions['fault'];
}

async function answer(bucket: Bucket, { request, response, requests, fault }: Exchange): Promise<void> {
  const method = String(request.method);
  const [path = '', search = ''] = String(request.url).split('?');
  const query = new URLSearchParams(search);
  const [name, ...rest] = path.slice(1).split('/').map(decodeURIComponent);
  const key = rest.join('/');
  requests.push(`${method} ${key}`);
  const trouble = fault?.(`${method} ${key}`);
  if (trouble === 'silence') return;
  if (trouble === 'cut') return void request.socket.destroy();
  if (trouble) throw trouble;
  verifySignature({ method, path, query, headers: request.headers }, CREDENTIALS);
  if (name !== BUCKET) throw new S3Failure(404, 'NoSuchBucket');
  if (key === '') return answerBucket(bucket, { method, query, response });
  // `x-id` only names the call; anything else (parts, versions, tags) is not known here.
  if ([...query.keys()].some((parameter) => parameter !== 'x-id')) throw new S3Failure(501, 'NotImplemented');
  const call = { bucket, key, request, response };
  if (method === 'PUT') return putObject(call);
  if (method === 'GET' || method === 'HEAD') return getObject(call);
  if (method === 'DELETE') return deleteObject(call);
  throw new S3Failure(501, 'NotImplemented');
}

function answerBucket(
  bucket: Bucket,
  { method, query, response }: { method: string; query: URLSearchParams; response: ServerResponse },
): void {
  if (method !== 'GET' && method !== 'HEAD') throw new S3Failure(501, 'NotImplemented');
  const body = method === 'GET' ? listObjects(bucket.objects, query) : undefined;
  response.writeHead(200, { 'content-type': 'application/xml' });
  response.end(body);
}
