import type { GuardedScope } from '../policy/guarded-scope.ts';
import type { Stay } from '../policy/scope-lifetime.ts';
import type { Answer } from './invocation.ts';

/**
 * Bytes are read after the handler has returned, so a binary answer keeps its muscle's version until they are. An
 * answer that nobody opens, such as that of a HEAD request, lets go in the next turn of the event loop.
 */
export function heldUntilRead(answer: Answer, scope: GuardedScope): Answer {
  if (answer.kind !== 'binary') return answer;
  const { binary } = answer;
  const waiting = scope.enter();
  setImmediate(waiting.leave);
  const open: typeof binary.open = async (range) => {
    const reading = scope.enter();
    try {
      return letGoAfter(await binary.open(range), reading);
    } catch (error) {
      reading.leave();
      throw error;
    }
  };
  return { kind: 'binary', binary: { ...binary, open } };
}

async function* letGoAfter(body: AsyncIterable<Uint8Array>, reading: Stay): AsyncGenerator<Uint8Array> {
  let ended: Error | undefined;
  reading.onEnd((error) => (ended = error));
  try {
    for await (const chunk of body) {
      if (ended !== undefined) throw ended;
      yield chunk;
    }
  } finally {
    reading.leave();
  }
}
