import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { S3Failure } from './s3-failure.ts';

export interface SignedRequest {
  readonly method: string;
  /** As it was sent, still encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}

export interface AccessKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
const MAX_SKEW_MS = 15 * 60_000;

/** Checks the signature in the Authorization header, as version 4 of AWS signatures defines it. */
export function verifySignature(request: SignedRequest, keys: AccessKeys, now = Date.now()): void {
  const { headers } = request;
  const [, keyId, day, region, names, signature] = AUTHORIZATION.exec(headers.authorization ?? '') ?? [];
  if (!keyId || !day || !region || !names || !signature) throw new S3Failure(403, 'AccessDenied');
  if (keyId !== keys.accessKeyId) throw new S3Failure(403, 'InvalidAccessKeyId');
  const signed = names.split(';');
  assertAllSigned(headers, signed);
  const date = String(headers['x-amz-date']);
  assertRecent(date, day, now);
  const payload = headers['x-amz-content-sha256'];
  if (typeof payload !== 'string') throw new S3Failure(400, 'InvalidRequest', 'x-amz-content-sha256 is missing');
  const canonical = [
    request.method,
    canonicalPath(request.path),
    canonicalQuery(request.query),
    ...signed.map(
      (name) =>
        `${name}:${String(headers[name] ?? '')
          .trim()
          .replace(/ +/g, ' ')}`,
    ),
    '',
    names,
    payload,
  ].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', date, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const key = [day, region, 's3', 'aws4_request'].reduce<Buffer | string>(hmac, `AWS4${keys.secretAccessKey}`);
  if (!timingSafeEqual(hmac(key, text), Buffer.from(signature, 'hex'))) {
    throw new S3Failure(403, 'SignatureDoesNotMatch');
  }
}

/** What is not signed could be changed on the way: S3 insists on the host and on its own headers. */
function assertAllSigned(headers: IncomingHttpHeaders, signed: readonly string[]): void {
  const needed = Object.keys(headers).filter((name) => name === 'host' || name.startsWith('x-amz-'));
  const missing = needed.find((name) => !signed.includes(name));
  if (missing) throw new S3Failure(403, 'AccessDenied', `${missing} is not signed`);
}

function assertRecent(date: string, day: string, now: number): void {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  const time = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
  if (!date.startsWith(day) || Number.isNaN(time)) throw new S3Failure(403, 'AccessDenied', 'x-amz-date is wrong');
  if (Math.abs(now - time) > MAX_SKEW_MS) throw new S3Failure(403, 'RequestTimeTooSkewed');
}

function canonicalPath(path: string): string {
  return path
    .split('/')
    .map((part) => encode(decodeURIComponent(part)))
    .join('/');
}

function canonicalQuery(query: URLSearchParams): string {
  const pairs = [...query].map(([name, value]) => `${encode(name)}=${encode(value)}`);
  return pairs.sort().join('&');
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
