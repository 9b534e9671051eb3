import { binaryResult, inputRequired, toolResult, type ContentBlock } from '@northstar/sdk';
import type { AnswerReply } from './messages.ts';
import type { RunningCall } from './running-call.ts';

export interface BinaryAccess {
  readonly open: (range?: readonly [number, number]) => Promise<AsyncIterable<Uint8Array>>;
  /** The bytes of an answer may never be asked for; then nobody else would end the call. */
  readonly closeUnlessOpened: () => NodeJS.Timeout;
}

/** The handler's answer as the host knows it, or what the handler threw. */
export function readAnswer(answer: AnswerReply, call: RunningCall, access: BinaryAccess): unknown {
  switch (answer.kind) {
    case 'value':
      return answer.value;
    case 'tool':
      return toolResult({
        ...(answer.structured && { structured: answer.structured }),
        content: answer.content as unknown as ContentBlock[],
        isError: answer.isError,
      });
    case 'input':
      return inputRequired({
        questions: answer.questions as never,
        ...(answer.state !== undefined && { state: answer.state }),
      });
    case 'binary': {
      const { kind: _kind, sha256, name, uri, ...facts } = answer;
      const unopened = access.closeUnlessOpened();
      return binaryResult({
        ...facts,
        ...(sha256 !== undefined && { sha256 }),
        ...(name !== undefined && { name }),
        ...(uri !== undefined && { uri }),
        open: (range) => {
          clearTimeout(unopened);
          return access.open(range);
        },
      });
    }
    case 'error':
      throw call.errors.revive(answer.thrown);
  }
}
