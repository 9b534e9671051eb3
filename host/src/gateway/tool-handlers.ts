import { ProtocolError, ProtocolErrorCode, type Tool } from '@modelcontextprotocol/server';
import { shows } from './caller.ts';
import { invokeFor, unknownName, type ServerParts } from './gateway-parts.ts';
import { listedTools } from './listed-tools.ts';
import { notFoundError, refuseToolCall } from './refusal.ts';
import { renderAnswer } from './render-answer.ts';
import { renderInputRequired } from './render-input-required.ts';
import { toolTable } from './tool-table.ts';

/** tools/list and tools/call: a look-up in the snapshot, the pipeline, and the answer on the wire. */
export function handleTools(parts: ServerParts): void {
  const { server, snapshot, callerOf, inlineBytes } = parts;

  server.setRequestHandler('tools/list', async (request, ctx) => {
    refuseCursor(request.params?.cursor);
    return { tools: (await listedTools(parts, callerOf(ctx))) as Tool[] };
  });

  server.setRequestHandler('tools/call', async (request, ctx) => {
    const caller = callerOf(ctx);
    const tool = snapshot().toolByName.get(request.params.name);
    if (tool === undefined || !shows(caller.view, tool))
      throw notFoundError(
        await unknownName(parts, caller, {
          kind: 'tool',
          name: request.params.name,
          known: toolTable(snapshot(), caller.view).map(({ name }) => name),
        }),
      );
    const outcome = await invokeFor(parts, ctx, { scope: tool.guarded, args: request.params.arguments });
    if (!outcome.ok) return refuseToolCall(outcome.envelope, caller.view.errorStyle);
    const { answer } = outcome;
    if (answer.kind === 'input') return renderInputRequired(answer, tool.spec.name, { codec: parts.codec, ctx });
    try {
      return await renderAnswer(answer, tool.spec.name, inlineBytes);
    } catch (thrown) {
      const envelope = parts.pipeline.refusal(thrown, { context: caller.context, scope: tool.guarded });
      return refuseToolCall(envelope, caller.view.errorStyle);
    }
  });
}

/** Lists come in one page, because several clients never ask for a second. So no cursor was ever given out. */
export function refuseCursor(cursor: string | undefined): void {
  if (cursor !== undefined && cursor !== '')
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Invalid cursor: lists of this host come in one page');
}
