import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorEnvelope } from '../errors/error-envelope.ts';
import { NorthstarError } from '../errors/northstar-error.ts';
import type { Outcome } from '../pipeline/invocation.ts';
import { sendBinary } from './send-binary.ts';
import { hungUp, sendEnvelope, sendJson } from './send.ts';

/** An abort signal that fires when the caller hangs up before the answer is out. */
export function callerGone(res: ServerResponse): AbortSignal {
  const controller = new AbortController();
  const gone = (): void => {
    if (!res.writableFinished) controller.abort();
  };
  // The caller may have left while its token was checked, and then no event comes any more.
  if (hungUp(res)) gone();
  else res.once('close', gone);
  return controller.signal;
}

/** The outcome of an invocation as plain HTTP: the facts as JSON, bytes as bytes, a refusal as its envelope. */
export async function sendOutcome(
  req: IncomingMessage,
  res: ServerResponse,
  outcome: Outcome,
  requestId: string,
): Promise<void> {
  if (!outcome.ok) return sendEnvelope(res, outcome.envelope);
  const { answer } = outcome;
  if (answer.kind === 'binary') return sendBinary(req, res, answer.binary);
  if (answer.kind === 'input')
    return sendEnvelope(
      res,
      errorEnvelope(
        new NorthstarError(
          'muscle.asks_caller',
          'The scope asks its caller something before it goes on. Call it through an MCP client, which can answer.',
        ),
        requestId,
      ),
    );
  if (answer.isError) {
    const text = [answer.text, ...answer.content.map((block) => (block.type === 'text' ? block.text : ''))]
      .filter(Boolean)
      .join('\n');
    return sendEnvelope(
      res,
      errorEnvelope(new NorthstarError('muscle.reported_error', text || 'The scope reports a failure.'), requestId),
    );
  }
  sendJson(res, 200, answer.structured ?? { text: answer.text, content: answer.content });
}
