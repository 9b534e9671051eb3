import assert from 'node:assert/strict';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { IDENTITY } from './host-process.ts';

interface Reply {
  readonly status: number;
  readonly sessionId: string | undefined;
  readonly text: string;
}

const HEADERS = {
  ...IDENTITY,
  accept: 'application/json, text/event-stream',
  'content-type': 'application/json',
};
const TEN_MEGABYTES = 10 * 1024 * 1024;
const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'bad-client', version: '0.1.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** A client that does what clients should not, between the others. What it leaves open stays open until `leave`. */
export class BadClient {
  readonly #url: URL;
  readonly #left: (ClientRequest | Socket)[] = [];

  constructor(url: string) {
    this.#url = new URL('/mcp', url);
  }

  /** Each misdeed must get the answer that the protocol or the host sets for it. Answers what was done. */
  async misbehave(): Promise<string> {
    await this.#leaveStreamOpen();
    await this.#leaveHalfRequest();
    await this.#expectRpcError(400, -32700, '{"jsonrpc":');
    await this.#expectRpcError(400, -32600, JSON.stringify('just text'));
    const typed = { name: 42, arguments: 'not an object' };
    await this.#expectRpcError(200, -32602, modern('tools/call', typed), {
      'mcp-method': 'tools/call',
      'mcp-name': '42',
    });
    await this.#expectRpcError(404, -32601, modern('tools/burn', {}), { 'mcp-method': 'tools/burn' });
    const call = modern('tools/call', { name: 'echo_ping', arguments: {} });
    await this.#expectRpcError(400, -32020, call, { 'mcp-method': 'tools/list' });
    await this.#expectEnvelope(400, 'context.forbidden_env', call, { 'x-env': 'prod' });
    await this.#expectEnvelope(403, 'identity.mode_not_allowed', call, { 'x-mode': 'saas' });
    await this.#expectEnvelope(403, 'host.forbidden', call, { host: 'elsewhere.example' });
    await this.#expectEnvelope(403, 'origin.forbidden', call, { origin: 'https://elsewhere.example' });
    await this.#sendTooMuch();
    return 'wrong types, unknown method, contradicting headers, 10 MB, streams left open';
  }

  /** Cuts everything that was left open. */
  leave(): void {
    for (const open of this.#left.splice(0)) open.destroy();
  }

  /** A 2025 session whose event stream is opened and never read. */
  async #leaveStreamOpen(): Promise<void> {
    const clientInfo = { name: 'bad-client', version: '0.1.0' };
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
    const opened = await this.#post(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }));
    assert.equal(opened.status, 200, opened.text);
    const headers = { ...HEADERS, 'mcp-session-id': opened.sessionId, 'mcp-protocol-version': '2025-11-25' };
    const stream = request(this.#url, { method: 'GET', agent: false, headers });
    this.#left.push(stream);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      stream.once('response', resolve).once('error', reject).end();
    });
    stream.on('error', () => undefined);
    response.on('error', () => undefined).pause();
    assert.equal(response.statusCode, 200, 'the event stream was refused');
  }

  /** A POST that announces a body, sends half of it and stays. */
  async #leaveHalfRequest(): Promise<void> {
    const socket = connect(Number(this.#url.port), this.#url.hostname);
    this.#left.push(socket);
    socket.on('error', () => undefined);
    const lines = Object.entries({ ...HEADERS, host: this.#url.host, 'content-length': '100' });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    await new Promise<void>((resolve) => socket.write(`POST /mcp HTTP/1.1\r\n${head}\r\n{"jsonrpc"`, () => resolve()));
  }

  /** The host answers 413 before the body is through, and reads on for a while so that the answer arrives. */
  async #sendTooMuch(): Promise<void> {
    await this.#expectEnvelope(413, 'request.body_too_large', Buffer.alloc(TEN_MEGABYTES, 'a'));
  }

  async #expectRpcError(status: number, code: number, body: string, extra: Record<string, string> = {}): Promise<void> {
    const reply = await this.#post(body, extra);
    assert.equal(reply.status, status, reply.text);
    assert.equal((JSON.parse(reply.text) as { error?: { code: number } }).error?.code, code, reply.text);
  }

  async #expectEnvelope(
    status: number,
    code: string,
    body: string | Buffer,
    extra: Record<string, string> = {},
  ): Promise<void> {
    const reply = await this.#post(body, extra);
    assert.equal(reply.status, status, reply.text);
    assert.equal((JSON.parse(reply.text) as { error: { code: string } }).error.code, code, reply.text);
  }

  /** fetch cannot send a foreign Host, and gives up when the answer comes before the body is through. */
  #post(body: string | Buffer, extra: Record<string, string> = {}): Promise<Reply> {
    const headers = { ...HEADERS, 'content-length': Buffer.byteLength(body), ...versionOf(body), ...extra };
    return new Promise((resolve, reject) => {
      const sent = request(this.#url, { method: 'POST', agent: false, headers, timeout: 10_000 });
      let answered = false;
      sent.once('response', (response) => {
        answered = true;
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.once('error', reject).once('end', () => {
          const id = response.headers['mcp-session-id'];
          resolve({ status: response.statusCode ?? 0, sessionId: typeof id === 'string' ? id : undefined, text });
        });
      });
      sent.once('timeout', () => sent.destroy(new Error('no answer within 10 seconds')));
      // A host that answered 413 may close before the rest of the body is written.
      sent.on('error', (error) => {
        if (!answered) reject(error);
      });
      sent.end(body);
    });
  }
}

function modern(method: string, params: object): string {
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: ENVELOPE } });
}

/** What a well-behaved client of 2026-07-28 would say about the body in headers. */
function versionOf(body: string | Buffer): Record<string, string> {
  return typeof body === 'string' && body.includes('_meta') ? { 'mcp-protocol-version': '2026-07-28' } : {};
}
