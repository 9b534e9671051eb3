import type { CallToolResult } from '@modelcontextprotocol/server';
import type { ContentBlock } from '@northstar/sdk';
import type { Answer } from '../pipeline/invocation.ts';
import { inlineBinary } from './inline-binary.ts';

/**
 * A tool's answer on the wire. Text and structuredContent carry the same facts, since half of the known clients show
 * a model only the one and half only the other.
 */
export async function renderAnswer(
  answer: Exclude<Answer, { kind: 'input' }>,
  action: string,
  inlineBytes: number,
): Promise<CallToolResult> {
  if (answer.kind === 'binary') {
    const uri = answer.binary.uri ?? `northstar://${action}/content`;
    return {
      content: [
        { type: 'resource', resource: await inlineBinary(answer.binary, uri, inlineBytes) },
      ] as CallToolResult['content'],
    };
  }
  const blocks: ContentBlock[] = [
    ...(answer.text === '' ? [] : [{ type: 'text' as const, text: answer.text }]),
    ...answer.content,
  ];
  return {
    content: blocks as CallToolResult['content'],
    // With isError, clients on the 1.x SDK would check it against the output schema and show that failure instead.
    ...(answer.structured && !answer.isError && { structuredContent: answer.structured }),
    ...(answer.isError && { isError: true }),
  };
}
