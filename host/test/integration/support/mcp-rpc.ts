import type { Answer, Call, HttpCall } from './http-client.ts';

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
const ACCEPT = 'application/json, text/event-stream';

export interface RpcAnswer extends Answer {
  /** The JSON-RPC message of the answer, from JSON or from the last event of a stream. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into answers of every shape
  readonly rpc: any;
  readonly session: string | undefined;
}

/** One message without a client in between, for what a client would never send. */
export async function rpc(http: HttpCall, message: unknown, call: Call & { path?: string } = {}): Promise<RpcAnswer> {
  const { path = '/mcp', headers, ...rest } = call;
  const body = typeof message === 'string' ? message : JSON.stringify(message);
  const answer = await http(path, {
    method: 'POST',
    ...rest,
    body,
    headers: { accept: ACCEPT, 'content-type': 'application/json', ...headers },
  });
  return {
    ...answer,
    rpc: answer.json ?? lastEvent(answer.text),
    session: answer.headers.get('mcp-session-id') ?? undefined,
  };
}

/** A stateless request of the 2026-07-28 revision. */
export function modern(
  http: HttpCall,
  method: string,
  params: Record<string, unknown> = {},
  call: Call & { path?: string } = {},
): Promise<RpcAnswer> {
  const name = params.name ?? params.uri;
  return rpc(
    http,
    { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: META } },
    {
      ...call,
      headers: {
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': method,
        ...(typeof name === 'string' && { 'mcp-name': name }),
        ...call.headers,
      },
    },
  );
}

export function callTool(http: HttpCall, name: string, args: unknown = {}, call: Call & { path?: string } = {}) {
  return modern(http, 'tools/call', { name, arguments: args }, call);
}

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};

/** Opens a 2025-era session; `session` is its id. */
export function initialize(http: HttpCall, call: Call & { path?: string } = {}): Promise<RpcAnswer> {
  return rpc(http, INITIALIZE, call);
}

/** A request inside a session. Concurrent requests of one session need ids of their own: they are told apart by them. */
export function inSession(
  { http, session, id = 7, ...call }: Call & { http: HttpCall; session: string; path?: string; id?: number },
  method: string,
  params: object = {},
): Promise<RpcAnswer> {
  return rpc(
    http,
    { jsonrpc: '2.0', id, method, params },
    { ...call, headers: { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25', ...call.headers } },
  );
}

function lastEvent(text: string): unknown {
  const data = [...text.matchAll(/^data: (.+)$/gm)].at(-1)?.[1];
  try {
    return data === undefined ? undefined : (JSON.parse(data) as unknown);
  } catch {
    return undefined;
  }
}
