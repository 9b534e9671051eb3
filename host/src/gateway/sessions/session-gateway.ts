import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { isInitializeRequest } from '@modelcontextprotocol/server';
import type { JsonObject } from '@northstar/sdk';
import { errorFields, type Logger } from '../../log/logger.ts';
import type { ChangeFeed } from '../../spine/change-feed.ts';
import { callerKey, fromAuthInfo, ownerOf, toAuthInfo, type Caller } from '../caller.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { createMcpServer } from '../mcp-server.ts';
import type { Session } from './session.ts';
import type { SessionDirectory, SharedSession } from './session-directory.ts';
import type { SessionStore } from './session-store.ts';
import { SessionTransport } from './session-transport.ts';

export interface SessionGatewayParts extends GatewayParts {
  readonly sessions: SessionStore;
  /** Present where several hosts serve the same clients. */
  readonly shared?: { readonly directory: SessionDirectory; readonly changes: ChangeFeed } | undefined;
  readonly logger: Logger;
}

interface Exchange {
  readonly caller: Caller;
  readonly body: unknown;
}

/**
 * MCP of the 2025 revisions, which have sessions. Where several hosts share a control store, a session belongs to all
 * of them: whichever host a request reaches takes it up from the directory, and passes on what another one waits for.
 */
export class SessionGateway {
  readonly #parts: SessionGatewayParts;
  readonly #tag = randomBytes(6).toString('base64url').replaceAll('/', '_');
  readonly #exchanges = new WeakMap<IncomingMessage, Exchange & { session: Pick<Session, 'transport'> }>();
  readonly #listener = getRequestListener(
    async (request, env) => {
      const exchange = this.#exchanges.get((env as { incoming: IncomingMessage }).incoming);
      if (exchange === undefined) throw new Error('a request reached a session without an exchange');
      const { session, caller, body } = exchange;
      const parsed = body === undefined ? {} : { parsedBody: session.transport.untagged(body) };
      const response = await session.transport.handleRequest(request, { authInfo: toAuthInfo(caller), ...parsed });
      return this.#parts.faults.noted(response, exchange);
    },
    { overrideGlobalObjects: false },
  );
  readonly #sweeper: NodeJS.Timeout | undefined;
  /** Sessions that are being taken up: two requests at once must not make two copies. */
  readonly #adopting = new Map<string, Promise<Session | undefined>>();

  constructor(parts: SessionGatewayParts) {
    this.#parts = parts;
    const { shared, sessions } = parts;
    if (shared === undefined) return;
    const sweep = (): void => this.#quietly(shared.directory.sweep());
    this.#sweeper = setInterval(sweep, SWEEP_MS).unref();
    shared.changes.on('session', ({ session_id }) => this.#quietly(this.#refresh(session_id)));
    shared.changes.on('session_ended', ({ session_id }) => this.#quietly(sessions.end(session_id)));
    shared.changes.on('session_message', ({ session_id, message }) => {
      const transport = sessions.get(session_id)?.transport;
      if (transport && transport.answers(message) !== 'another host') transport.receive(message);
    });
  }

  async handle(req: IncomingMessage, res: ServerResponse, exchange: Exchange): Promise<void> {
    const { sessions, faults } = this.#parts;
    const { caller, body } = exchange;
    const id = req.headers['mcp-session-id'];
    if (typeof id === 'string') {
      const session = sessions.find(id, ownerOf(caller)) ?? (await this.#adopt(id, caller));
      // Another caller's session is answered like an unknown one, so that ids cannot be probed.
      if (session === undefined)
        return faults.refuse(res, caller, { status: 404, code: -32001, message: NO_SUCH_SESSION });
      res.once('close', sessions.use(id));
      if (this.#parts.shared && (await this.#passOn(session, body))) return void res.writeHead(202).end();
      this.#exchanges.set(req, { ...exchange, session });
      return this.#listener(req, res);
    }
    if (req.method !== 'POST' || !isInitializeRequest(body))
      return faults.refuse(res, caller, { status: 400, code: -32000, message: NO_SESSION });
    const newId = randomUUID();
    await this.#parts.shared?.directory.add(newId, sharedFacts(caller, body.params as unknown as JsonObject));
    const session = await this.#open(newId, caller, () => res.once('close', sessions.use(newId)));
    this.#exchanges.set(req, { ...exchange, session });
    await this.#listener(req, res);
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    await this.#parts.sessions.close();
  }

  async #open(id: string, caller: Caller, onInitialized?: () => void): Promise<Session> {
    const { sessions, shared } = this.#parts;
    sessions.assertRoomFor(callerKey(caller));
    const host = createMcpServer(this.#parts, (ctx) => fromAuthInfo(ctx.http?.authInfo));
    const transport = new SessionTransport({
      id,
      tag: shared && this.#tag,
      onInitialized: () => {
        sessions.add(session);
        onInitialized?.();
      },
    });
    const session: Session = {
      id,
      owner: ownerOf(caller),
      caller: callerKey(caller),
      tenantId: caller.context.tenantId,
      transport,
      host,
    };
    await host.mcp.connect(transport);
    const ended = transport.onclose;
    transport.onclose = () => {
      // Ended by the client, unless the store took it out first: then it is idle here or ended elsewhere.
      if (sessions.remove(id) && shared) this.#quietly(this.#announceEnd(id));
      ended?.();
    };
    host.watched.onChange = async (watched) => this.#share(id, { watched });
    return session;
  }

  /** Takes up a session that began on another host. */
  async #adopt(id: string, caller: Caller): Promise<Session | undefined> {
    const shared = await this.#parts.shared?.directory.get(id);
    if (shared === undefined || shared.owner !== ownerOf(caller)) return undefined;
    const known = this.#parts.sessions.find(id, shared.owner) ?? this.#adopting.get(id);
    if (known !== undefined) return known;
    const adopting = this.#takeUp(id, caller, shared).finally(() => this.#adopting.delete(id));
    this.#adopting.set(id, adopting);
    return adopting;
  }

  async #takeUp(id: string, caller: Caller, shared: SharedSession): Promise<Session> {
    const session = await this.#open(id, caller);
    const { transport } = session;
    const initialize = { jsonrpc: '2.0', id: 'initialize', method: 'initialize', params: shared.initialize };
    await transport.replay(initialize, toAuthInfo(caller));
    transport.receive({ jsonrpc: '2.0', method: 'notifications/initialized' });
    await this.#apply(session, shared);
    return session;
  }

  async #refresh(id: string): Promise<void> {
    const session = this.#parts.sessions.get(id);
    const shared = session && (await this.#parts.shared?.directory.get(id));
    if (session && shared) await this.#apply(session, shared);
  }

  async #apply({ host, transport }: Session, { watched, log_level }: SharedSession): Promise<void> {
    host.watched.replace(watched);
    if (log_level === undefined) return;
    const params = { level: log_level };
    await transport.replay({ jsonrpc: '2.0', id: 'level', method: 'logging/setLevel', params }, NOBODY);
  }

  /** True when the message is another host's business alone. */
  async #passOn({ id, transport }: Session, body: unknown): Promise<boolean> {
    const message = body as { method?: unknown; params?: { level?: unknown } } | undefined;
    const { shared } = this.#parts;
    this.#quietly(shared?.directory.touch(id) ?? Promise.resolve());
    const elsewhere = transport.answers(body) === 'another host';
    if (elsewhere || message?.method === 'notifications/cancelled')
      await shared?.changes.publish({ kind: 'session_message', session_id: id, message: body as JsonObject });
    if (message?.method === 'logging/setLevel' && typeof message.params?.level === 'string')
      await this.#share(id, { log_level: message.params.level });
    return elsewhere;
  }

  async #share(id: string, change: Parameters<SessionDirectory['update']>[1]): Promise<void> {
    const { shared } = this.#parts;
    if (shared === undefined) return;
    await shared.directory.update(id, change);
    await shared.changes.publish({ kind: 'session', session_id: id });
  }

  async #announceEnd(id: string): Promise<void> {
    const { shared } = this.#parts;
    await shared?.directory.remove(id);
    await shared?.changes.publish({ kind: 'session_ended', session_id: id });
  }

  /** For what no request waits for: a store that fails here fails the next request as well, and that is told. */
  #quietly(work: Promise<void>): void {
    work.catch((error: unknown) => this.#parts.logger.log('warn', 'session not shared', errorFields(error)));
  }
}

const NO_SUCH_SESSION = 'Session not found: initialize again';
const NO_SESSION = 'Bad Request: send initialize first, then the Mcp-Session-Id header';
/** Milliseconds between two looks for sessions that no host uses any more. */
const SWEEP_MS = 5 * 60_000;
/** `logging/setLevel` asks nothing about its caller. */
const NOBODY = { token: '', clientId: '', scopes: [] };

function sharedFacts(caller: Caller, params: JsonObject): Omit<SharedSession, 'watched' | 'used_at'> {
  return {
    owner: ownerOf(caller),
    caller: callerKey(caller),
    tenant_id: caller.context.tenantId,
    initialize: params,
  };
}
