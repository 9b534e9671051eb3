import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { errorEnvelope } from '../errors/error-envelope.ts';
import { NorthstarError } from '../errors/northstar-error.ts';
import { viewOf } from '../gateway/caller.ts';
import type { Connection } from '../identity/connection.ts';
import { endAtExpiry } from './end-at-expiry.ts';
import { createExpressApp } from './express-app.ts';
import type { HttpParts } from './http-parts.ts';
import { newRequestId } from './refuser.ts';
import { requestGuard } from './request-guard.ts';

const CONNECTION_PATH = /^\/c\/([A-Za-z0-9_-]{1,64})\/mcp$/;

/**
 * The HTTP server: guard first, then MCP ahead of express, which alone costs as much as a whole governed call, then
 * express for everything else.
 */
export function createHttpServer(parts: HttpParts): Server {
  const guard = requestGuard(parts.guard);
  const app = createExpressApp(parts);
  const answering = new WeakMap<Duplex, ServerResponse>();
  const server = createServer({ requireHostHeader: false }, (req, res) => {
    answering.set(req.socket, res);
    res.once('finish', () => answering.delete(req.socket));
    res.setHeader('x-content-type-options', 'nosniff');
    const path = (req.url ?? '/').split('?', 1)[0] ?? '/';
    const isMcp = path === '/mcp' || CONNECTION_PATH.test(path);
    const answered = (thrown: unknown): void =>
      void parts.refuser.refuse(req, res, { thrown, transport: isMcp ? 'mcp' : 'http' });
    try {
      guard(req);
      if (!URL.canParse(req.url ?? '/', 'http://host.invalid'))
        throw new NorthstarError('request.invalid', 'The request target is not a path.');
    } catch (thrown) {
      return answered(thrown);
    }
    if (isMcp) void serveMcp(parts, req, res, path).catch(answered);
    else app(req, res);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // In the middle of an answer there is no place for another one.
    if (answering.get(socket)?.headersSent) socket.destroy();
    else void answerClientError(parts, error, socket);
  });
  // Half-open clients: headers must come soon, and a body must keep coming; streams out are not affected.
  server.headersTimeout = 15_000;
  server.requestTimeout = 0;
  server.maxRequestsPerSocket = 0;
  // Longer than clients and balancers keep idle connections: a close that crosses a request looks like a dropped call.
  server.keepAliveTimeout = 75_000;
  return server;
}

async function serveMcp(parts: HttpParts, req: IncomingMessage, res: ServerResponse, path: string): Promise<void> {
  const connectionId = CONNECTION_PATH.exec(path)?.[1];
  let found: Promise<Connection> | undefined;
  const find = connectionId === undefined ? undefined : () => (found ??= parts.connections.get(connectionId));
  const context = await parts.contexts.fromHttp(req.headers, 'mcp', find);
  res.setHeader('x-request-id', context.requestId);
  parts.refuser.identified(req, context);
  endAtExpiry(res, context.expiresAt);
  await parts.gateway.handle(req, res, { context, view: viewOf(parts.defaultView, await find?.()) });
}

/** What Node's parser refuses never becomes a request; without this the answer would have no body. */
async function answerClientError(parts: HttpParts, error: NodeJS.ErrnoException, socket: Duplex): Promise<void> {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const requestId = newRequestId();
  const fault = protocolFault(error.code);
  const remote = (socket as Socket).remoteAddress ?? 'unknown';
  await parts.refusals.ofStranger({ code: fault.code, transport: 'http', requestId, remote });
  if (!socket.writable) return;
  const envelope = errorEnvelope(fault, requestId);
  const body = JSON.stringify(envelope);
  const status = envelope.error.http_status;
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nX-Request-Id: ${requestId}\r\n\r\n${body}`,
  );
}

function protocolFault(code: string | undefined): NorthstarError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new NorthstarError('request.headers_too_large', 'The headers are too large. Send fewer or shorter ones.');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new NorthstarError('request.timeout', 'The request did not arrive in time. Send it again.');
  return new NorthstarError('request.invalid', 'The request is not HTTP/1.1: a line or a header is malformed.');
}
