import {
  McpServer,
  type ScopeChallengeHandler,
  type ServerContext,
  type ServerOptions,
  type Transport,
} from '@modelcontextprotocol/server';
import type { JsonSchema } from '@northstar/sdk';
import type { Caller } from './caller.ts';
import type { GatewayParts } from './gateway-parts.ts';
import { handlePrompts } from './prompt-handlers.ts';
import { requestStateCodec } from './request-state.ts';
import { handleResources } from './resource-handlers.ts';
import { handleTools } from './tool-handlers.ts';
import { WatchList } from './watch-list.ts';

/** Milliseconds a client may keep a list. Short, because a client without a listen stream learns of changes only so. */
const LIST_TTL_MS = 5000;

const CACHE_HINTS: NonNullable<ServerOptions['cacheHints']> = Object.fromEntries(
  ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list', 'resources/read', 'server/discover'].map(
    (method) => [method, { ttlMs: method === 'resources/read' ? 0 : LIST_TTL_MS, cacheScope: 'private' }],
  ),
);

const INSTRUCTIONS =
  'Tools here are governed: a call may be refused by policy. A refusal says which gate refused, what is missing and what to do; ' +
  'do not repeat a refused call unchanged unless it says retryable.';

/** One MCP server over the shared snapshot: made per request (2026-07-28), per session (2025) or per process (stdio). */
export interface HostServer {
  readonly mcp: McpServer;
  readonly watched: WatchList;
}

/**
 * The SDK's server with nothing registered on it: registering a thousand tools per request costs milliseconds, so the
 * handlers below look into the snapshot instead. The subclass answers the two questions that the HTTP entry asks of
 * registered tools: which `x-mcp-header` parameters to verify, and whether an OAuth scope is missing.
 */
class SnapshotServer extends McpServer {
  readonly #parts: GatewayParts;
  readonly #watch: (transport: Transport) => void;

  constructor(parts: GatewayParts, watch: (transport: Transport) => void, options: ServerOptions) {
    super({ name: 'northstar', title: 'Northstar', version: parts.version }, options);
    this.#parts = parts;
    this.#watch = watch;
  }

  override async connect(transport: Transport): Promise<void> {
    await super.connect(transport);
    this.#watch(transport);
  }

  override toolInputSchemaJson(name: string): Record<string, unknown> | undefined {
    const schema = this.#parts.snapshot().toolByName.get(name)?.inputSchema;
    return schema && declaresHeaders(schema) ? schema : undefined;
  }

  override resolveScopeChallenge: ScopeChallengeHandler = () => undefined;
}

const headersDeclared = new WeakMap<JsonSchema, boolean>();

/** Looked for once per schema: the SDK would walk the whole schema on every call. */
function declaresHeaders(schema: JsonSchema): boolean {
  const known = headersDeclared.get(schema);
  if (known !== undefined) return known;
  const found = JSON.stringify(schema).includes('"x-mcp-header"');
  headersDeclared.set(schema, found);
  return found;
}

export function createMcpServer(parts: GatewayParts, callerOf: (ctx: ServerContext) => Caller): HostServer {
  const codec = requestStateCodec(parts.stateKey, callerOf);
  const watch = (transport: Transport): void =>
    parts.faults.watch(transport, (authInfo) => callerOf({ ...(authInfo && { http: { authInfo } }) } as ServerContext));
  const mcp = new SnapshotServer(parts, watch, {
    instructions: INSTRUCTIONS,
    cacheHints: CACHE_HINTS,
    requestState: { verify: (state, ctx) => codec.verify(state, ctx) },
    capabilities: {},
  });
  const { server } = mcp;
  server.registerCapabilities({
    tools: { listChanged: true },
    resources: { subscribe: true, listChanged: true },
    prompts: { listChanged: true },
    logging: {},
    completions: {},
  });
  const watched = new WatchList();
  const serverParts = { ...parts, server, callerOf, codec };
  handleTools(serverParts);
  handleResources(serverParts, watched);
  handlePrompts(serverParts);
  return { mcp, watched };
}
