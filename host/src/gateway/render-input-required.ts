import {
  inputRequired,
  type InputRequests,
  type InputRequiredResult,
  type RequestStateCodec,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { ClientQuestion } from '@northstar/sdk';
import type { Answer } from '../pipeline/invocation.ts';
import type { SealedState } from './request-state.ts';

/** Turns a handler's questions into the protocol's; on 2025-era connections the SDK asks them itself. */
export async function renderInputRequired(
  answer: Extract<Answer, { kind: 'input' }>,
  action: string,
  seal: { codec: RequestStateCodec<SealedState>; ctx: ServerContext },
): Promise<InputRequiredResult> {
  const questions = Object.entries(answer.questions).map(([name, question]) => [name, toRequest(question)] as const);
  return inputRequired({
    ...(questions.length > 0 && { inputRequests: Object.fromEntries(questions) as InputRequests }),
    ...(answer.state !== undefined && {
      requestState: await seal.codec.mint({ action, state: answer.state }, seal.ctx),
    }),
  });
}

function toRequest(question: ClientQuestion) {
  switch (question.ask) {
    case 'elicit':
      return inputRequired.elicit({ message: question.message, requestedSchema: question.schema as never });
    case 'sample':
      return inputRequired.createMessage({ messages: question.messages as never, maxTokens: question.maxTokens });
    case 'roots':
      return inputRequired.listRoots();
  }
}
