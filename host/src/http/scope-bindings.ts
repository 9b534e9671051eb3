import type { IncomingMessage } from 'node:http';
import type { HttpBinding, Upload } from '@northstar/sdk';
import type { ActiveTool } from '../muscles/active-muscle.ts';
import type { Snapshot } from '../muscles/snapshot.ts';
import { matchUri } from '../muscles/uri-template.ts';
import type { Stay } from '../policy/scope-lifetime.ts';
import type { Exchange, HttpParts } from './http-parts.ts';
import { invokeScope } from './invoke-scope.ts';
import { hasBody, isJson, readBody } from './read-request.ts';

export interface BoundRoute {
  readonly tool: ActiveTool;
  readonly params: Record<string, string>;
}

/** A bound route whose scope the request has entered already. */
export interface EnteredRoute extends BoundRoute {
  readonly stay: Stay;
}

/** The scope whose http binding has this method and path, in the snapshot of this moment. */
export function findBinding(snapshot: Snapshot, method: string, path: string): BoundRoute | undefined {
  // HEAD is GET without the body, which Node leaves out.
  const wanted = method === 'HEAD' ? 'GET' : method;
  for (const tool of snapshot.tools) {
    if (tool.http?.method !== wanted) continue;
    const params = matchUri(tool.http.path, path);
    if (params !== undefined) return { tool, params };
  }
  return undefined;
}

/** Methods that any scope binds to this path; empty when none does. */
export function boundMethods(snapshot: Snapshot, path: string): string[] {
  const methods = snapshot.tools.flatMap(({ http }) =>
    http && matchUri(http.path, path) !== undefined ? (http.method === 'GET' ? ['GET', 'HEAD'] : [http.method]) : [],
  );
  return [...new Set<string>(methods)];
}

/** Runs a scope for a request to its http binding: arguments come from query, body and path, and the path wins. */
export async function serveBinding(parts: HttpParts, exchange: Exchange, route: EnteredRoute): Promise<void> {
  const { tool, params, stay } = route;
  const { req, url } = exchange;
  const upload = uploadOf(req, tool.http);
  const body = upload ? undefined : await readBody(req, parts.bodyBytes);
  const query = queryArguments(url);
  const args = body === undefined || body === null || isObject(body) ? { ...query, ...body, ...params } : body;
  await invokeScope(parts, exchange, { scope: tool.guarded, stay, args, ...(upload && { upload }) });
}

/** The unread body, when the binding streams and the body is not JSON. */
function uploadOf(req: IncomingMessage, http: HttpBinding | undefined): Upload | undefined {
  if (http?.body !== 'stream' || !hasBody(req) || isJson(req)) return undefined;
  const length = Number(req.headers['content-length']);
  return {
    body: req,
    ...(req.headers['content-type'] && { mediaType: req.headers['content-type'] }),
    ...(Number.isSafeInteger(length) && { size: length }),
  };
}

/** A parameter that is sent several times becomes a list. `ticket` is the host's own. */
function queryArguments(url: URL): Record<string, unknown> {
  const args: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const name of new Set(url.searchParams.keys())) {
    if (name === 'ticket') continue;
    const values = url.searchParams.getAll(name);
    args[name] = values.length === 1 ? values[0] : values;
  }
  return args;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
