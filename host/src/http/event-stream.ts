import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Json } from '@northstar/sdk';
import type { Outcome } from '../pipeline/invocation.ts';
import { drained } from './drained.ts';
import { sendOutcome } from './send-outcome.ts';

/** Whether the caller wants the pieces as they come. */
export function wantsEvents(req: IncomingMessage): boolean {
  return /\btext\/event-stream\b/i.test(req.headers.accept ?? '');
}

/**
 * The answer of a stream scope as server-sent events: `piece` for each piece, then one `result`, or one `error` with
 * the envelope. What is refused before the first piece is answered with its own status, like any other call.
 */
export class EventStream {
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  #count = 0;

  constructor(req: IncomingMessage, res: ServerResponse) {
    this.#req = req;
    this.#res = res;
  }

  /** Resolves when the connection has taken it, so that a slow reader slows the handler down. */
  async piece(piece: Json): Promise<void> {
    if (this.#res.destroyed) return;
    this.#open();
    if (!this.#write('piece', piece)) await drained(this.#res);
  }

  async finish(outcome: Outcome, requestId: string): Promise<void> {
    const begun = this.#res.headersSent;
    if (!begun && (!outcome.ok || outcome.answer.kind !== 'value' || outcome.answer.isError))
      return sendOutcome(this.#req, this.#res, outcome, requestId);
    this.#open();
    if (!outcome.ok) this.#write('error', outcome.envelope as unknown as Json);
    else if (outcome.answer.kind === 'value') {
      const { structured, text, content, isError } = outcome.answer;
      this.#write(isError ? 'error' : 'result', (structured ?? { text, content }) as Json);
    }
    this.#res.end();
  }

  #open(): void {
    if (this.#res.headersSent) return;
    this.#res.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
  }

  #write(event: string, data: Json): boolean {
    return this.#res.write(`id: ${++this.#count}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }
}
