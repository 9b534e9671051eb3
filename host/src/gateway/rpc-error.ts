import type { ServerResponse } from 'node:http';

/** Answers with a JSON-RPC error that belongs to no request; codes are those that MCP sets for protocol faults. */
export function sendRpcError(res: ServerResponse, status: number, error: { code: number; message: string }): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const body = JSON.stringify({ jsonrpc: '2.0', error, id: null });
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  res.end(body);
}
