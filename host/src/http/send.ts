import type { ServerResponse } from 'node:http';
import { errorEnvelope, type ErrorEnvelope } from '../errors/error-envelope.ts';
import { toEnvelopeSource } from '../errors/to-envelope-source.ts';
import { discardRest } from './discard-rest.ts';

/** Answers with JSON. */
export function sendJson(res: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  if (!res.req.complete) discardRest(res.req);
  res.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  res.end(text);
}

/** Whether the client is gone: that is nobody's fault, and there is nobody to answer. */
export function hungUp(res: ServerResponse): boolean {
  return res.destroyed || res.req.socket.destroyed;
}

export interface ErrorAnswer {
  readonly requestId: string;
  /** Value of WWW-Authenticate on a 401, where the host authenticates. */
  readonly challenge?: string | undefined;
  readonly onMasked: (original: unknown) => void;
}

/** Answers with the envelope of whatever was thrown; cuts the connection when an answer had already begun. */
export function sendError(res: ServerResponse, thrown: unknown, answer: ErrorAnswer): void {
  const envelope = errorEnvelope(toEnvelopeSource(thrown, answer.requestId, answer.onMasked), answer.requestId);
  sendEnvelope(res, envelope, answer.challenge);
}

export function sendEnvelope(res: ServerResponse, envelope: ErrorEnvelope, challenge?: string): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const { http_status: status, request_id: requestId } = envelope.error;
  res.setHeader('x-request-id', requestId);
  if (status === 401 && challenge !== undefined) res.setHeader('www-authenticate', challenge);
  sendJson(res, status, envelope);
}
