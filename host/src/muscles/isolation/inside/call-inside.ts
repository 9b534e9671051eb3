import { isBinaryResult, isInputRequired, isToolResult, type BinaryResult, type Json } from '@northstar/sdk';
import { normalizeAnswer } from '../../../pipeline/normalize-answer.ts';
import { runInPieces } from '../../../pipeline/run-in-pieces.ts';
import type { AnswerReply, CallFacts } from '../messages.ts';
import { OfferedStreams, pulledStream } from '../rpc/byte-streams.ts';
import type { Reply } from '../rpc/rpc-peer.ts';
import { hostError, thrownData } from './describe-thrown.ts';
import type { HostLink } from './isolate-server.ts';
import type { Part } from './loaded-muscles.ts';
import { remoteContext } from './remote-context.ts';

/** One call inside an isolate: its context, which asks the host for everything, and what it lends to the host. */
export class CallInside {
  readonly offered = new OfferedStreams();
  readonly #id: string;
  readonly #facts: CallFacts;
  readonly #host: HostLink;
  readonly #controller = new AbortController();
  #binary: BinaryResult | undefined;

  constructor({ id, facts, host }: { id: string; facts: CallFacts; host: HostLink }) {
    this.#id = id;
    this.#facts = facts;
    this.#host = host;
  }

  /** Never rejects: what the handler throws is an answer too. */
  async run(part: Part, args: unknown): Promise<AnswerReply> {
    try {
      const ctx = remoteContext(this.#facts, this, this.#controller.signal);
      const returned = await part.handler(ctx as never, args as never);
      return this.#answer(part, part.inPieces ? await this.#pieces(part, returned) : returned);
    } catch (error) {
      return { kind: 'error', thrown: thrownData(error) };
    }
  }

  async service(name: string, args: object): Promise<unknown> {
    return valueOf(await this.#host.request('service', { call: this.#id, name, args }));
  }

  notify(method: 'log' | 'resourceUpdated', params: object): void {
    this.#host.notify(method, { call: this.#id, ...params });
  }

  /** A stream that the host offers to this call. */
  hostStream(stream: number): AsyncIterable<Uint8Array> {
    const at = { call: this.#id, stream };
    return pulledStream(
      async () => {
        const reply = await this.#host.request('pull', at);
        valueOf(reply);
        return (reply.value as { done?: boolean }).done ? undefined : reply.bytes;
      },
      () => this.#host.notify('cancel', at),
    );
  }

  async openBinary(range?: readonly [number, number]): Promise<number> {
    if (this.#binary === undefined) throw new Error('the answer of this call has no bytes');
    return this.offered.offer(await this.#binary.open(range));
  }

  abort(): void {
    this.#controller.abort(new Error('The caller gave up, or time is up.'));
  }

  close(): void {
    this.abort();
    this.offered.cancelAll();
  }

  async #pieces({ action, resultBytes: maxBytes }: Part, generator: unknown): Promise<unknown> {
    const deliver = async (piece: Json): Promise<void> => void (await this.service('piece', { piece }));
    return runInPieces(generator, { action, signal: this.#controller.signal, deliver, maxBytes });
  }

  /** Checked here, beside the model and before it is sent: what is over the limit would only fill the host's memory. */
  #answer({ action, parseOutput, resultBytes }: Part, returned: unknown): AnswerReply {
    const answer = normalizeAnswer(returned, { action, parseOutput, maxBytes: resultBytes });
    if (isBinaryResult(returned)) {
      this.#binary = returned;
      const { mediaType, size, sha256, name, uri } = returned;
      return {
        kind: 'binary',
        mediaType,
        size,
        ...(sha256 !== undefined && { sha256 }),
        ...(name !== undefined && { name }),
        ...(uri !== undefined && { uri }),
      };
    }
    if (isInputRequired(returned)) {
      const { questions, state } = returned;
      return { kind: 'input', questions: questions as never, ...(state !== undefined && { state }) };
    }
    const structured = answer.kind === 'value' ? answer.structured : undefined;
    if (!isToolResult(returned)) return { kind: 'value', value: structured ?? returned };
    return {
      kind: 'tool',
      ...(structured && { structured }),
      content: returned.content as never,
      isError: returned.isError,
    };
  }
}

/** The value of a reply to a service call, or the error that the host described instead. */
function valueOf({ value }: Reply): unknown {
  const outcome = value as { ok: true; value?: unknown } | { ok: false; error: never };
  if (!outcome.ok) throw hostError(outcome.error);
  return outcome.value;
}
