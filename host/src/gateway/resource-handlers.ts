import type { ReadResourceResult, Resource } from '@modelcontextprotocol/server';
import type { ListedResource, ResourceContent } from '@northstar/sdk';
import type { ActiveResource } from '../muscles/active-muscle.ts';
import { isTemplate, matchUri } from '../muscles/uri-template.ts';
import { NorthstarError } from '../errors/northstar-error.ts';
import { shows, type View } from './caller.ts';
import { invokeFor, refuse, unknownName, type ServerParts } from './gateway-parts.ts';
import { inlineBinary } from './inline-binary.ts';
import { notFoundError, protocolError } from './refusal.ts';
import { renderInputRequired } from './render-input-required.ts';
import { refuseCursor } from './tool-handlers.ts';
import type { WatchList } from './watch-list.ts';

/** URIs that one session may watch; they are kept for as long as it lives. */
const MAX_WATCHED = 1000;

/** resources/*: fixed URIs, templates and what their listers name, each read and each listing governed like a call. */
export function handleResources(parts: ServerParts, watched: WatchList): void {
  const { server, snapshot, callerOf } = parts;
  const visible = (view: View): ActiveResource[] => snapshot().resources.filter((resource) => shows(view, resource));

  server.setRequestHandler('resources/list', async (request, ctx) => {
    refuseCursor(request.params?.cursor);
    const lists = visible(callerOf(ctx).view).map(async (resource): Promise<Resource[]> => {
      if (resource.lister === undefined) return isTemplate(resource.spec.uri) ? [] : [describe(resource)];
      const outcome = await invokeFor(parts, ctx, { scope: resource.lister, args: {} });
      // A refused or failing lister hides its own entries only; reading any of them still says why.
      if (!outcome.ok || outcome.answer.kind !== 'value' || !Array.isArray(outcome.answer.raw)) return [];
      return outcome.answer.raw as ListedResource[];
    });
    return { resources: (await Promise.all(lists)).flat() };
  });

  server.setRequestHandler('resources/templates/list', (request, ctx) => {
    refuseCursor(request.params?.cursor);
    const templates = visible(callerOf(ctx).view).filter(({ spec }) => isTemplate(spec.uri));
    return {
      resourceTemplates: templates.map((resource) => ({ ...describeShared(resource), uriTemplate: resource.spec.uri })),
    };
  });

  server.setRequestHandler('resources/read', async (request, ctx) => {
    const { uri } = request.params;
    const caller = callerOf(ctx);
    const found = findResource(visible(caller.view), uri);
    if (found === undefined)
      throw notFoundError(await unknownName(parts, caller, { kind: 'resource', name: uri }), { uri });
    const outcome = await invokeFor(parts, ctx, { scope: found.resource.guarded, args: { ...found.params, uri } });
    if (!outcome.ok)
      throw outcome.envelope.error.http_status === 404
        ? notFoundError(outcome.envelope, { uri })
        : protocolError(outcome.envelope);
    const { answer } = outcome;
    if (answer.kind === 'input')
      return renderInputRequired(answer, found.resource.spec.name, { codec: parts.codec, ctx });
    if (answer.kind === 'value')
      return { contents: toContents(answer.raw, uri, found.resource.spec.mimeType) } as ReadResourceResult;
    try {
      return { contents: [await inlineBinary(answer.binary, uri, parts.inlineBytes)] } as ReadResourceResult;
    } catch (thrown) {
      throw protocolError(parts.pipeline.refusal(thrown, { context: caller.context, scope: found.resource.guarded }));
    }
  });

  server.setRequestHandler('resources/subscribe', async (request, ctx) => {
    const { uri } = request.params;
    const caller = callerOf(ctx);
    if (findResource(visible(caller.view), uri) === undefined)
      throw notFoundError(await unknownName(parts, caller, { kind: 'resource', name: uri }), { uri });
    if (watched.size >= MAX_WATCHED && !watched.has(uri))
      throw protocolError(await refuse(parts.refusals, caller.context, { error: tooManyWatched(), action: uri }));
    await watched.add(uri);
    return {};
  });
  server.setRequestHandler('resources/unsubscribe', async (request) => {
    await watched.delete(request.params.uri);
    return {};
  });
}

function tooManyWatched(): NorthstarError {
  const message = `This session watches ${MAX_WATCHED} resources, as many as it may. Unsubscribe from one first.`;
  return new NorthstarError('overload.subscriptions', message);
}

export function findResource(
  resources: readonly ActiveResource[],
  uri: string,
): { resource: ActiveResource; params: Record<string, string> } | undefined {
  for (const resource of resources) {
    const params = matchUri(resource.spec.uri, uri);
    if (params !== undefined) return { resource, params };
  }
  return undefined;
}

function describeShared({ spec, toolId }: ActiveResource) {
  return {
    name: spec.name,
    ...(spec.title !== undefined && { title: spec.title }),
    description: spec.description,
    ...(spec.mimeType !== undefined && { mimeType: spec.mimeType }),
    _meta: { tool_id: toolId, scope: spec.name },
  };
}

function describe(resource: ActiveResource): Resource {
  return { ...describeShared(resource), uri: resource.spec.uri };
}

function toContents(raw: unknown, uri: string, mimeType: string | undefined): ResourceContent[] {
  if (Array.isArray(raw)) return raw as ResourceContent[];
  if (typeof raw === 'object' && raw !== null && ('text' in raw || 'blob' in raw))
    return [{ uri, ...(mimeType && { mimeType }), ...raw } as ResourceContent];
  const text = typeof raw === 'string' ? raw : JSON.stringify(raw ?? null);
  return [{ uri, ...(mimeType && { mimeType }), text }];
}
