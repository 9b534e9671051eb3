import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BinaryResult } from '@northstar/sdk';

/** Streams bytes out, whole or one range. Content is stored by strangers, so a browser must never run it. */
export async function sendBinary(req: IncomingMessage, res: ServerResponse, binary: BinaryResult): Promise<void> {
  const range = parseRange(req.headers.range, binary.size);
  res.setHeader('accept-ranges', 'bytes');
  res.setHeader('content-security-policy', "sandbox; default-src 'none'");
  res.setHeader('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(binary.name ?? 'content')}`);
  if (binary.sha256 !== undefined) res.setHeader('etag', `"${binary.sha256}"`);
  if (range === 'unsatisfiable') {
    res.writeHead(416, { 'content-range': `bytes */${binary.size}`, 'content-length': 0 });
    res.end();
    return;
  }
  const body = await binary.open(range);
  const length = range ? range[1] - range[0] + 1 : binary.size;
  if (range) res.setHeader('content-range', `bytes ${range[0]}-${range[1]}/${binary.size}`);
  res.writeHead(range ? 206 : 200, { 'content-type': binary.mediaType, 'content-length': length });
  for await (const chunk of body) {
    if (res.destroyed) return;
    if (!res.write(chunk)) await Promise.race([once(res, 'drain'), once(res, 'close')]);
  }
  res.end();
}

/** One `bytes=` range. Several ranges, or a malformed header, mean the whole content, as the standard allows. */
function parseRange(header: string | undefined, size: number): readonly [number, number] | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const first = match[1] === '' ? Math.max(size - Number(match[2]), 0) : Number(match[1]);
  const last = match[1] === '' || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  return first > last || first >= size ? 'unsatisfiable' : [first, last];
}
