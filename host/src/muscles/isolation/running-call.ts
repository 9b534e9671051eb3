import { randomUUID } from 'node:crypto';
import type { Json, JsonObject, MuscleContext } from '@northstar/sdk';
import { SERVICES } from './call-services.ts';
import type { CallFacts } from './messages.ts';
import { OfferedStreams } from './rpc/byte-streams.ts';
import { SentErrors } from './thrown-data.ts';

/** How a call reads what its muscle offers. */
export interface MuscleStreams {
  pull(call: RunningCall, stream: number): Promise<Uint8Array | undefined>;
  cancel(call: RunningCall, stream: number): void;
  /** Absent unless the call is one of a stream scope. */
  readonly piece?: (piece: Json) => Promise<void>;
}

const STORES = ['tabular', 'objects', 'events'] as const;
/** Log lines that one call may write. */
const MOST_LINES = 1000;

/**
 * One call that runs in an isolate: its context, which stays here, and what was lent out of it. Its id is a secret of
 * this call; once the call is over, nobody finds its context by it.
 */
export class RunningCall {
  readonly id = randomUUID();
  readonly ctx: MuscleContext;
  readonly offered = new OfferedStreams();
  readonly errors = new SentErrors();
  readonly #streams: MuscleStreams;
  #lines = 0;

  constructor(ctx: MuscleContext, streams: MuscleStreams) {
    this.ctx = ctx;
    this.#streams = streams;
  }

  facts(): CallFacts {
    const { request, deadline, clientCapabilities, answers, state, upload } = this.ctx;
    return {
      request: request as unknown as JsonObject,
      deadline,
      clientCapabilities,
      ...(answers && { answers: answers as JsonObject }),
      ...(state !== undefined && { state }),
      ...(upload && {
        upload: {
          stream: this.offered.offer(upload.body),
          ...(upload.mediaType !== undefined && { mediaType: upload.mediaType }),
          ...(upload.size !== undefined && { size: upload.size }),
        },
      }),
      stores: STORES.filter((store) => store in this.ctx),
    };
  }

  /** Runs one service on this call's context. Never rejects: what went wrong is data for the muscle. */
  async serve(name: string, args: unknown): Promise<Json> {
    try {
      const service = SERVICES.get(name);
      if (service === undefined) throw new TypeError(`the host has no service ${name}`);
      return { ok: true, value: (await service.run(this.ctx, args, this)) as Json };
    } catch (error) {
      return { ok: false, error: this.errors.describe(error) as unknown as Json };
    }
  }

  log({
    level,
    message,
    fields,
  }: {
    level: 'debug' | 'info' | 'warn' | 'error';
    message: string;
    fields?: JsonObject;
  }) {
    if (this.#lines++ < MOST_LINES) this.ctx.log[level](message, fields);
  }

  pullFromMuscle(stream: number): Promise<Uint8Array | undefined> {
    return this.#streams.pull(this, stream);
  }

  cancelAtMuscle(stream: number): void {
    this.#streams.cancel(this, stream);
  }

  async takePiece(piece: Json): Promise<void> {
    if (this.#streams.piece === undefined) throw new TypeError('this scope does not answer in pieces');
    await this.#streams.piece(piece);
  }

  close(): void {
    this.offered.cancelAll();
  }
}
