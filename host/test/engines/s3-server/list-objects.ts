import type { StoredObject } from './object-requests.ts';
import { S3Failure, xmlDocument, xmlText } from './s3-failure.ts';

/** ListObjectsV2: keys in byte order, at most 1000 in a page. Delimiters are not known. */
export function listObjects(objects: ReadonlyMap<string, StoredObject>, query: URLSearchParams): string {
  if (query.get('list-type') !== '2' || query.has('delimiter')) throw new S3Failure(501, 'NotImplemented');
  const prefix = query.get('prefix') ?? '';
  const limit = Math.min(1000, Number(query.get('max-keys') ?? 1000));
  const after = fromToken(query.get('continuation-token')) ?? query.get('start-after') ?? '';
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && compare(key, after) > 0).sort(compare);
  const page = keys.slice(0, limit);
  const truncated = keys.length > limit;
  const next = truncated ? `<NextContinuationToken>${toToken(page.at(-1) ?? after)}</NextContinuationToken>` : '';
  return xmlDocument(
    `<ListBucketResult><Prefix>${xmlText(prefix)}</Prefix><KeyCount>${page.length}</KeyCount>` +
      `<MaxKeys>${limit}</MaxKeys><IsTruncated>${truncated}</IsTruncated>${next}` +
      `${page.map((key) => entry(key, objects.get(key)!)).join('')}</ListBucketResult>`,
  );
}

function entry(key: string, { etag, size, modified }: StoredObject): string {
  const time = modified.toISOString();
  return (
    `<Contents><Key>${xmlText(key)}</Key><LastModified>${time}</LastModified>` +
    `<ETag>${xmlText(etag)}</ETag><Size>${size}</Size></Contents>`
  );
}

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** With a mark, so that a key that was passed as a token is refused. */
function toToken(key: string): string {
  return `t.${Buffer.from(key).toString('base64url')}`;
}

function fromToken(token: string | null): string | undefined {
  if (token === null) return undefined;
  if (!token.startsWith('t.')) throw new S3Failure(400, 'InvalidArgument');
  return Buffer.from(token.slice(2), 'base64url').toString();
}
