import type { GetPromptResult, Prompt } from '@modelcontextprotocol/server';
import type { PromptMessage } from '@northstar/sdk';
import { shows, wireName } from './caller.ts';
import { invokeFor, unknownName, type ServerParts } from './gateway-parts.ts';
import { notFoundError, protocolError } from './refusal.ts';
import { renderInputRequired } from './render-input-required.ts';
import { findResource } from './resource-handlers.ts';
import { refuseCursor } from './tool-handlers.ts';

/** The protocol's cap on completion values. */
const MAX_COMPLETIONS = 100;

/** prompts/* and completion/complete. */
export function handlePrompts(parts: ServerParts): void {
  const { server, snapshot, callerOf } = parts;

  server.setRequestHandler('prompts/list', (request, ctx) => {
    refuseCursor(request.params?.cursor);
    const { view } = callerOf(ctx);
    const visible = snapshot().prompts.filter((prompt) => shows(view, prompt));
    return {
      prompts: visible.map((prompt): Prompt => ({
        name: wireName(view, prompt),
        ...(prompt.spec.title !== undefined && { title: prompt.spec.title }),
        description: prompt.spec.description,
        arguments: prompt.spec.arguments.map((argument) => ({ ...argument })),
        _meta: { tool_id: prompt.toolId, scope: prompt.spec.name },
      })),
    };
  });

  server.setRequestHandler('prompts/get', async (request, ctx) => {
    const caller = callerOf(ctx);
    const prompt = snapshot().promptByName.get(request.params.name);
    if (prompt === undefined || !shows(caller.view, prompt))
      throw notFoundError(await unknownName(parts, caller, { kind: 'prompt', name: request.params.name }));
    const outcome = await invokeFor(parts, ctx, { scope: prompt.guarded, args: request.params.arguments });
    if (!outcome.ok) throw protocolError(outcome.envelope);
    const { answer } = outcome;
    if (answer.kind === 'input') return renderInputRequired(answer, prompt.spec.name, { codec: parts.codec, ctx });
    const raw = answer.kind === 'value' ? answer.raw : '';
    return { description: prompt.spec.description, messages: toMessages(raw) } as GetPromptResult;
  });

  server.setRequestHandler('completion/complete', async (request, ctx) => {
    const { ref, argument } = request.params;
    const caller = callerOf(ctx);
    const owner =
      ref.type === 'ref/prompt'
        ? snapshot().promptByName.get(ref.name)
        : (snapshot().resources.find(({ spec }) => spec.uri === ref.uri) ??
          findResource(snapshot().resources, ref.uri)?.resource);
    if (owner === undefined || !shows(caller.view, owner))
      throw notFoundError(
        await unknownName(parts, caller, {
          kind: ref.type === 'ref/prompt' ? 'prompt' : 'resource',
          name: ref.type === 'ref/prompt' ? ref.name : ref.uri,
        }),
      );
    if (owner.completer === undefined) return { completion: { values: [], total: 0, hasMore: false } };
    const outcome = await invokeFor(parts, ctx, {
      scope: owner.completer,
      args: { argument: argument.name, value: argument.value, filled: request.params.context?.arguments ?? {} },
    });
    if (!outcome.ok) throw protocolError(outcome.envelope);
    const raw =
      outcome.answer.kind === 'value' && Array.isArray(outcome.answer.raw) ? outcome.answer.raw.map(String) : [];
    return {
      completion: { values: raw.slice(0, MAX_COMPLETIONS), total: raw.length, hasMore: raw.length > MAX_COMPLETIONS },
    };
  });
}

function toMessages(raw: unknown): PromptMessage[] {
  if (Array.isArray(raw)) return raw as PromptMessage[];
  return [{ role: 'user', content: { type: 'text', text: String(raw ?? '') } }];
}
