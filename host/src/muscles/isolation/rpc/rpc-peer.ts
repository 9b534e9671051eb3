import { z } from 'zod';
import { ProtocolFault, type Carrier, type Frame } from './frame.ts';

export interface Reply {
  readonly value?: unknown;
  readonly bytes?: Uint8Array;
}

export interface RpcHandlers {
  /** Answers a request of the other side. What it throws crosses as text only. */
  request(method: string, params: unknown): Promise<Reply>;
  notice(method: string, params: unknown): void;
}

export interface RpcOptions {
  readonly carrier: Carrier;
  readonly handlers: RpcHandlers;
  /** Characters of JSON in one message; a longer one is a RangeError here instead of a fault over there. */
  readonly sendLimit?: number;
}

const Message = z.union([
  z.strictObject({ request: z.string().max(40), id: z.int().min(0), params: z.unknown().optional() }),
  z.strictObject({ notice: z.string().max(40), params: z.unknown().optional() }),
  z.strictObject({ reply: z.int().min(0), value: z.unknown().optional() }),
  z.strictObject({ reply: z.int().min(0), error: z.string() }),
]);

/** Requests of the other side that may be unanswered at once. An honest muscle waits for its stores now and then. */
const MOST_SERVED = 2000;

/** Requests, replies and notices over a carrier. Both sides of an isolate have one; neither trusts the other's. */
export class RpcPeer {
  readonly #options: RpcOptions;
  readonly #pending = new Map<number, { resolve: (reply: Reply) => void; reject: (error: Error) => void }>();
  #next = 0;
  #serving = 0;
  #closed: Error | undefined;

  constructor(options: RpcOptions) {
    this.#options = options;
  }

  async request(method: string, params: unknown): Promise<Reply> {
    if (this.#closed) throw this.#closed;
    const id = this.#next++;
    const answered = new Promise<Reply>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    try {
      this.#send({ request: method, id, params });
    } catch (error) {
      this.#pending.delete(id);
      throw error;
    }
    return answered;
  }

  notify(method: string, params: unknown): void {
    if (!this.#closed) this.#send({ notice: method, params });
  }

  /** Takes what arrived. Throws ProtocolFault when it is not a message. */
  receive({ json, bytes }: Frame): void {
    const message = parseMessage(json);
    if ('request' in message) this.#serve(message.request, message.id, message.params);
    else if ('notice' in message) this.#options.handlers.notice(message.notice, message.params);
    else {
      const waiting = this.#pending.get(message.reply);
      this.#pending.delete(message.reply);
      if ('error' in message) waiting?.reject(new Error(message.error));
      else waiting?.resolve({ value: message.value, ...(bytes && { bytes }) });
    }
  }

  /** Rejects whatever still waits, and everything from now on. */
  close(why: Error): void {
    this.#closed ??= why;
    for (const { reject } of this.#pending.values()) reject(this.#closed);
    this.#pending.clear();
  }

  #serve(method: string, id: number, params: unknown): void {
    if (this.#serving >= MOST_SERVED) throw new ProtocolFault(`more than ${MOST_SERVED} requests at once`);
    this.#serving++;
    void this.#options.handlers
      .request(method, params)
      .then(({ value, bytes }) => this.#answer({ reply: id, value }, bytes))
      .catch((error: unknown) => this.#answer({ reply: id, error: String(error).slice(0, 500) }))
      .finally(() => this.#serving--);
  }

  #answer(message: object, bytes?: Uint8Array): void {
    if (!this.#closed) this.#send(message, bytes);
  }

  #send(message: object, bytes?: Uint8Array): void {
    const json = JSON.stringify(message);
    const { carrier, sendLimit } = this.#options;
    if (sendLimit !== undefined && json.length > sendLimit)
      throw new RangeError(`a message of ${json.length} characters is over the limit of ${sendLimit}`);
    carrier.send({ json, ...(bytes && { bytes }) });
  }
}

function parseMessage(json: string): z.infer<typeof Message> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new ProtocolFault('a message that is not JSON');
  }
  const message = Message.safeParse(value);
  if (!message.success) throw new ProtocolFault('a message of unknown shape');
  return message.data;
}
