import type { IncomingMessage } from 'node:http';
import { NorthstarError } from '../errors/northstar-error.ts';

/** Not JSON at all; each surface has its own words for that. */
export class JsonSyntaxError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'JsonSyntaxError';
  }
}

/** Reads and parses a JSON body of at most `limit` bytes. An empty body is `undefined`. */
export async function readJsonBody(req: IncomingMessage, limit: number): Promise<unknown> {
  const declared = Number(req.headers['content-length'] ?? 0);
  if (declared > limit) throw tooLarge(limit);
  const bytes = await collect(req, limit);
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new JsonSyntaxError((error as Error).message);
  }
}

/** Milliseconds that a JSON body may take to arrive; a client that stops midway must not hold a request for ever. */
const BODY_TIMEOUT_MS = 30_000;

/** Plain events instead of an async iterator: this runs on every call, and costs a third. */
function collect(req: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      req.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
      act();
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limit) settle(() => reject(tooLarge(limit)));
      else chunks.push(chunk);
    };
    const onEnd = (): void =>
      settle(() => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    const onError = (error: Error): void => settle(() => reject(error));
    const onClose = (): void => onError(Object.assign(new Error('the client hung up'), { code: 'ECONNRESET' }));
    const timer = setTimeout(() => settle(() => reject(tooSlow())), BODY_TIMEOUT_MS);
    req.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose);
  });
}

function tooSlow(): NorthstarError {
  return new NorthstarError(
    'request.timeout',
    `The body did not arrive within ${BODY_TIMEOUT_MS / 1000} seconds. Send it again.`,
  );
}

function tooLarge(limit: number): NorthstarError {
  return new NorthstarError(
    'request.body_too_large',
    `The body is over ${limit} bytes. Send large content over the http binding of the scope, which streams; see GET /tools.`,
    { details: { limit } },
  );
}
