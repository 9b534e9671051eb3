import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { classifyInboundRequest, createMcpHandler, type McpHttpHandler } from '@modelcontextprotocol/server';
import { errorFields } from '../log/logger.ts';
import { fromAuthInfo, toAuthInfo, type Caller } from './caller.ts';
import { JsonSyntaxError, readJsonBody } from './json-body.ts';
import { createMcpServer } from './mcp-server.ts';
import { SessionGateway, type SessionGatewayParts } from './sessions/session-gateway.ts';
import type { TenantBus } from './tenant-bus.ts';

export interface HttpGatewayParts extends SessionGatewayParts {
  readonly bus: TenantBus;
  readonly limits: { readonly bodyBytes: number; readonly subscriptions: number };
}

const METHOD_NOT_ALLOWED = 'Method not allowed: use POST, GET or DELETE';
const NO_BATCHES = 'Invalid Request: batches are not accepted, send one message a request';

interface Exchange {
  readonly caller: Caller;
  readonly body: unknown;
}

/**
 * One URL for both protocol eras. The body decides: a request that carries the 2026-07-28 envelope is served
 * statelessly, anything else belongs to a 2025 session. Identity was settled before a request comes here.
 */
export class HttpGateway {
  readonly #parts: HttpGatewayParts;
  readonly #legacy: SessionGateway;
  readonly #modern: McpHttpHandler;
  readonly #modernListener: (req: IncomingMessage, res: ServerResponse) => Promise<void>;
  readonly #exchanges = new WeakMap<IncomingMessage, Exchange>();

  constructor(parts: HttpGatewayParts) {
    this.#parts = parts;
    this.#legacy = new SessionGateway(parts);
    this.#modern = createMcpHandler(() => createMcpServer(parts, (ctx) => fromAuthInfo(ctx.http?.authInfo)).mcp, {
      legacy: 'reject',
      bus: parts.bus,
      maxSubscriptions: parts.limits.subscriptions,
      onerror: (error) => parts.logger.log('debug', 'mcp request refused', errorFields(error)),
    });
    // This adapter costs about half of the SDK's own toNodeHandler, and the SDK depends on it anyway.
    this.#modernListener = getRequestListener(
      (request, env) => this.#fetch(request, (env as { incoming: IncomingMessage }).incoming),
      {
        overrideGlobalObjects: false,
      },
    );
  }

  /** Serves one request to an MCP endpoint. Rejects only with a NorthstarError, before anything was answered. */
  async handle(req: IncomingMessage, res: ServerResponse, caller: Caller): Promise<void> {
    if (req.method !== 'POST' && req.method !== 'GET' && req.method !== 'DELETE') {
      res.setHeader('allow', 'GET, POST, DELETE');
      return this.#parts.faults.refuse(res, caller, { status: 405, code: -32000, message: METHOD_NOT_ALLOWED });
    }
    let body: unknown;
    try {
      body = req.method === 'POST' ? await readJsonBody(req, this.#parts.limits.bodyBytes) : undefined;
    } catch (error) {
      if (error instanceof JsonSyntaxError)
        return this.#parts.faults.refuse(res, caller, {
          status: 400,
          code: -32700,
          message: 'Parse error: the body is not JSON',
        });
      throw error;
    }
    if (Array.isArray(body))
      return this.#parts.faults.refuse(res, caller, { status: 400, code: -32600, message: NO_BATCHES });

    const route = classifyInboundRequest({
      httpMethod: req.method,
      ...optional('protocolVersionHeader', req.headers['mcp-protocol-version']),
      ...optional('mcpMethodHeader', req.headers['mcp-method']),
      ...optional('mcpNameHeader', req.headers['mcp-name']),
      body,
    });
    if (route.kind === 'legacy') return this.#legacy.handle(req, res, { caller, body });
    this.#exchanges.set(req, { caller, body });
    const listens = route.kind === 'modern' && route.message.method === 'subscriptions/listen';
    if (!listens) return this.#modernListener(req, res);
    // Async storage makes every promise of the process slower, so only requests that subscribe to the bus get it.
    await this.#parts.bus.runFor(caller.context.tenantId, () => this.#modernListener(req, res));
  }

  /** Ends listen streams and sessions; clients see an orderly end. */
  async close(): Promise<void> {
    await this.#modern.close();
    await this.#legacy.close();
  }

  async #fetch(request: Request, incoming: IncomingMessage): Promise<Response> {
    const exchange = this.#exchanges.get(incoming);
    if (exchange === undefined) throw new Error('a request reached the MCP handler without an exchange');
    const { caller, body } = exchange;
    const response = await this.#modern.fetch(request, {
      authInfo: toAuthInfo(caller),
      ...(body !== undefined && { parsedBody: body }),
    });
    return this.#parts.faults.noted(response, exchange);
  }
}

function optional<K extends string>(key: K, value: string | string[] | undefined): { [P in K]?: string } {
  return (typeof value === 'string' ? { [key]: value } : {}) as { [P in K]?: string };
}
