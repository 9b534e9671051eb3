import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Express } from 'express';
import { NorthstarError } from '../errors/northstar-error.ts';
import type { RequestContext } from '../identity/request-context.ts';
import { METADATA_PATH, protectedResourceMetadata } from './auth-metadata.ts';
import type { HttpParts } from './http-parts.ts';
import { controlRoutes } from './routes/control-routes.ts';
import type { Route } from './routes/route.ts';
import { boundMethods, findBinding, serveBinding } from './scope-bindings.ts';
import { sendJson } from './send.ts';

/** Every HTTP route beside MCP: health, the control plane, and the http bindings of scopes. */
export function createExpressApp(parts: HttpParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');

  app.get('/health', (req, res) => {
    parts.contexts.checkSentHeaders(req.headers);
    sendJson(res, 200, { status: 'ok', version: parts.version, muscles: countStates(parts) });
  });
  app.get(new RegExp(`^${METADATA_PATH}(/|$)`), (req, res, next) => {
    const metadata = protectedResourceMetadata(parts, req);
    if (metadata === undefined) return next();
    sendJson(res, 200, metadata);
  });

  const routes = controlRoutes(parts);
  for (const route of routes)
    app[route.method](route.path, (req, res) => serveRoute(parts, route, { req, res, params: req.params }));

  app.use(async (req, res) => {
    const snapshot = parts.registry.current;
    const bound = findBinding(snapshot, req.method, req.path);
    if (bound === undefined)
      throw noRoute(res, req.path, req.method, [...methodsOf(routes, req.path), ...boundMethods(snapshot, req.path)]);
    // Identity and body take their time; the version that was looked up must not be disposed meanwhile.
    const stay = bound.tool.guarded.enter();
    try {
      const context = await contextOf(parts, req, res);
      await serveBinding(parts, { req, res, context, url: urlOf(req), params: bound.params }, { ...bound, stay });
    } finally {
      stay.leave();
    }
  });

  app.use((thrown: unknown, req: IncomingMessage, res: ServerResponse, _next: unknown) => {
    void parts.refuser.refuse(req, res, { thrown: asNorthstarError(thrown), transport: 'http' });
  });
  return app;
}

async function serveRoute(
  parts: HttpParts,
  route: Route,
  call: { req: express.Request; res: ServerResponse; params: object },
): Promise<void> {
  const context = await contextOf(parts, call.req, call.res);
  await route.handle({
    req: call.req,
    res: call.res,
    context,
    url: urlOf(call.req),
    params: call.params as Record<string, string>,
  });
}

/** Who calls: from a ticket in the query where there is one, from headers and token otherwise. */
async function contextOf(parts: HttpParts, req: express.Request, res: ServerResponse): Promise<RequestContext> {
  const ticket = urlOf(req).searchParams.get('ticket');
  const context =
    ticket !== null && req.method === 'GET'
      ? parts.contexts.fromTicket(await parts.tickets.redeem(ticket, req.path), req.headers)
      : await parts.contexts.fromHttp(req.headers, 'http');
  res.setHeader('x-request-id', context.requestId);
  parts.refuser.identified(req, context);
  return context;
}

function urlOf(req: IncomingMessage): URL {
  return new URL(req.url ?? '/', 'http://host.invalid');
}

function countStates({ registry }: HttpParts): { active: number; stale: number; failed: number } {
  const count = (state: string): number => registry.statuses.filter((status) => status.state === state).length;
  return { active: count('active'), stale: count('stale'), failed: count('failed') };
}

function methodsOf(routes: readonly Route[], path: string): string[] {
  const fits = (pattern: string): boolean => new RegExp(`^${pattern.replace(/:[a-z_]+/g, '[^/]+')}$`).test(path);
  return routes.filter((route) => fits(route.path)).map((route) => route.method.toUpperCase());
}

function noRoute(res: ServerResponse, path: string, method: string, others: readonly string[]): NorthstarError {
  if (others.length === 0)
    return new NorthstarError(
      'route.not_found',
      `Nothing is served at ${path.slice(0, 200)}; GET /tools lists the scopes and their routes.`,
    );
  const allow = [...new Set(others)].sort().join(', ');
  res.setHeader('allow', allow);
  return new NorthstarError('request.method_not_allowed', `${method} is not served at this path; use ${allow}.`);
}

/** express refuses a path with a broken %-escape by itself; that is the caller's mistake, not ours. */
function asNorthstarError(thrown: unknown): unknown {
  if (thrown instanceof URIError) return new NorthstarError('request.invalid', 'The path holds a broken %-escape.');
  return thrown;
}
