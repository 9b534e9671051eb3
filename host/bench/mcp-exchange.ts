import { isDeepStrictEqual } from 'node:util';
import type { Era } from './bench-rows.ts';
import type { LoadJob } from './load-messages.ts';

export interface RpcRequest {
  readonly headers: Record<string, string>;
  readonly body: string;
  /** Throws when the answer is not the right one for this request. */
  check(answer: RpcAnswer): void;
}

export interface RpcAnswer {
  readonly id?: unknown;
  readonly result?: {
    readonly content?: readonly { readonly text?: string }[];
    readonly structuredContent?: unknown;
    readonly tools?: readonly { readonly name: string }[];
  };
}

const IDENTITY = { 'x-mode': 'lab', 'x-tenant-id': 't_bench', 'x-project-id': 'p_bench' };
const CLIENT_INFO = { name: 'gateway-bench', version: '1.0.0' };

/** The n-th request of a job: another tool, id and text than the one before. */
export function rpcRequest(job: LoadJob, n: number, sessionId?: string): RpcRequest {
  return job.method === 'tools/call' ? callRequest(job, n, sessionId) : listRequest(job, n, sessionId);
}

export function initializeRequest(): Omit<RpcRequest, 'check'> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: CLIENT_INFO };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 'init', method: 'initialize', params });
  return { headers: commonHeaders(body), body };
}

export function initializedNotification(sessionId: string): Omit<RpcRequest, 'check'> {
  const body = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });
  return { headers: { ...commonHeaders(body), ...sessionHeaders(sessionId) }, body };
}

function callRequest({ era, tools }: LoadJob, n: number, sessionId: string | undefined): RpcRequest {
  const name = tools[n % tools.length] ?? '';
  const args = { text: `text ${n}`, times: (n % 10) + 1, mode: 'upper' };
  const message = request(era, n, 'tools/call', { name, arguments: args });
  return {
    headers: { ...message.headers, ...(era === '2026-07-28' && { 'mcp-name': name }), ...sessionHeaders(sessionId) },
    body: message.body,
    check(answer) {
      const { structuredContent, content } = answer.result ?? {};
      const sameText = content?.[0]?.text === JSON.stringify(structuredContent);
      if (answer.id !== n || !sameText || !isDeepStrictEqual(structuredContent, args)) throw wrong(name, answer);
    },
  };
}

function listRequest({ era, tools }: LoadJob, n: number, sessionId: string | undefined): RpcRequest {
  const message = request(era, n, 'tools/list', {});
  return {
    headers: { ...message.headers, ...sessionHeaders(sessionId) },
    body: message.body,
    check(answer) {
      const listed = answer.result?.tools ?? [];
      if (answer.id !== n || listed.length !== tools.length || listed.some((tool, at) => tool.name !== tools[at]))
        throw wrong('tools/list', answer);
    },
  };
}

function request(
  era: Era,
  id: number,
  method: string,
  params: object,
): { headers: Record<string, string>; body: string } {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': era,
    'io.modelcontextprotocol/clientInfo': CLIENT_INFO,
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const modern = era === '2026-07-28';
  const body = JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, ...(modern && { _meta: meta }) } });
  return {
    headers: { ...commonHeaders(body), ...(modern && { 'mcp-protocol-version': era, 'mcp-method': method }) },
    body,
  };
}

function commonHeaders(body: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    accept: 'application/json, text/event-stream',
    ...IDENTITY,
  };
}

function sessionHeaders(sessionId: string | undefined): Record<string, string> {
  return sessionId === undefined ? {} : { 'mcp-session-id': sessionId, 'mcp-protocol-version': '2025-11-25' };
}

/** The answer in a JSON body or in the one message of an event stream. */
export function parseAnswer(contentType: string | undefined, text: string): RpcAnswer {
  if (contentType?.startsWith('application/json')) return JSON.parse(text) as RpcAnswer;
  const data = text.split('\n').find((line) => line.startsWith('data: {'));
  if (data === undefined) throw new Error(`no message in the answer: ${text.slice(0, 300)}`);
  return JSON.parse(data.slice('data: '.length)) as RpcAnswer;
}

function wrong(what: string, answer: RpcAnswer): Error {
  return new Error(`wrong answer to ${what}: ${JSON.stringify(answer).slice(0, 500)}`);
}
