import { ProtocolError, ProtocolErrorCode, type CallToolResult } from '@modelcontextprotocol/server';
import type { ErrorEnvelope } from '../errors/error-envelope.ts';
import type { ErrorStyle } from '../config/host-config.ts';

/** How a refused tool call reaches the client: thrown as a JSON-RPC error, or returned as a result the model reads. */
export function refuseToolCall(envelope: ErrorEnvelope, style: ErrorStyle): CallToolResult {
  if (style === 'jsonrpc') throw protocolError(envelope);
  // Prose first: one client copies a text that is pure JSON into structuredContent and then fails its schema.
  const text = `${envelope.error.message}\n${JSON.stringify(envelope)}`;
  return { content: [{ type: 'text', text }], isError: true };
}

/** A JSON-RPC error with the HTTP status as code and the envelope as data. */
export function protocolError(envelope: ErrorEnvelope): ProtocolError {
  return new ProtocolError(envelope.error.http_status, envelope.error.message, envelope);
}

/** An unknown tool, prompt or resource: MCP sets the code -32602 for these. */
export function notFoundError(envelope: ErrorEnvelope, extra: { uri?: string } = {}): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, envelope.error.message, { ...extra, ...envelope });
}
