import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BinaryResult } from '@northstar/sdk';
import { NorthstarError } from '../errors/northstar-error.ts';
import { drained } from './drained.ts';

/** Streams bytes out, whole or one range. Content is stored by strangers, so a browser must never run it. */
export async function sendBinary(req: IncomingMessage, res: ServerResponse, binary: BinaryResult): Promise<void> {
  const range = parseRange(req.headers.range, binary.size);
  if (range === 'unsatisfiable') {
    res.setHeader('content-range', `bytes */${binary.size}`);
    throw new NorthstarError(
      'request.range_not_satisfiable',
      `The content has ${binary.size} bytes; ask for a range inside them, or leave the Range header out.`,
      { details: { size: binary.size } },
    );
  }
  const length = range ? range[1] - range[0] + 1 : binary.size;
  const body = req.method === 'HEAD' ? undefined : await binary.open(range);
  res.writeHead(range ? 206 : 200, {
    'content-type': binary.mediaType,
    'content-length': length,
    'accept-ranges': 'bytes',
    'content-security-policy': "sandbox; default-src 'none'",
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent((binary.name ?? 'content').toWellFormed())}`,
    ...(binary.sha256 !== undefined && { etag: `"${binary.sha256}"` }),
    ...(range && { 'content-range': `bytes ${range[0]}-${range[1]}/${binary.size}` }),
  });
  if (body !== undefined) await writeExactly(res, body, length);
  res.end();
}

/** The size is the muscle's word. More bytes would pass for the next answer, fewer would keep the client waiting. */
async function writeExactly(res: ServerResponse, body: AsyncIterable<Uint8Array>, length: number): Promise<void> {
  let left = length;
  for await (const chunk of body) {
    if (res.destroyed) return;
    left -= chunk.byteLength;
    if (left < 0) break;
    if (!res.write(chunk)) await drained(res);
  }
  if (left !== 0) throw new Error(`the content has not the ${length} bytes that its scope stated`);
}

/** One `bytes=` range. Several ranges, or a malformed header, mean the whole content, as the standard allows. */
function parseRange(header: string | undefined, size: number): readonly [number, number] | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const first = match[1] === '' ? Math.max(size - Number(match[2]), 0) : Number(match[1]);
  const last = match[1] === '' || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  return first > last || first >= size ? 'unsatisfiable' : [first, last];
}
