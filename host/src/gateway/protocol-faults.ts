import type { ServerResponse } from 'node:http';
import { PerRequestHTTPServerTransport, type AuthInfo, type Transport } from '@modelcontextprotocol/server';
import type { RefusalLog } from '../spine/refusal-log.ts';
import type { Caller } from './caller.ts';
import { sendRpcError } from './rpc-error.ts';

type Message = Parameters<Transport['send']>[0];

export interface Fault {
  /** Of HTTP. */
  readonly status: number;
  /** Of JSON-RPC. */
  readonly code: number;
  readonly message: string;
}

/** What MCP calls the error of a message; the audit knows them all as a malformed request. */
const CODE = 'request.invalid';

/**
 * Records what the protocol refuses by itself, before any of our handlers sees it: unknown methods, parameters without
 * the fields that they need, headers that contradict the body.
 */
export class ProtocolFaults {
  readonly #refusals: RefusalLog;
  /** Callers whose fault goes on record. */
  readonly #noted = new WeakMap<Caller, Promise<void>>();

  constructor(refusals: RefusalLog) {
    this.#refusals = refusals;
  }

  /** Refuses a message that is no request, in the words that MCP sets for it. */
  async refuse(res: ServerResponse, caller: Caller, { status, code, message }: Fault): Promise<void> {
    await this.#note(caller);
    sendRpcError(res, status, { code, message });
  }

  /** The answer of the SDK to a whole HTTP request, which it may have refused before any server was asked. */
  async noted(response: Response, { caller, body }: { caller: Caller; body: unknown }): Promise<Response> {
    const noting = this.#noted.get(caller);
    if (noting !== undefined) await noting;
    else if (response.status >= 400) await this.#note(caller, methodOf(body));
    return response;
  }

  /**
   * Holds back every JSON-RPC error that carries no envelope until it is on record; those with one were recorded by
   * whoever made it. To be called once the server listens to the transport.
   *
   * A transport of one HTTP request reads the status off an error that comes at once: there the message goes on, and
   * `noted` holds back the whole response.
   */
  watch(transport: Transport, callerOf: (authInfo: AuthInfo | undefined) => Caller): void {
    const asked = new Map<unknown, { method: string; authInfo: AuthInfo | undefined }>();
    const receive = transport.onmessage;
    transport.onmessage = (message, extra) => {
      if ('method' in message && 'id' in message)
        asked.set(message.id, { method: message.method, authInfo: extra?.authInfo });
      receive?.(message, extra);
    };
    const ofOneRequest = transport instanceof PerRequestHTTPServerTransport;
    const send = transport.send.bind(transport);
    transport.send = async (message, options) => {
      if ('id' in message && !('method' in message)) {
        const question = asked.get(message.id);
        asked.delete(message.id);
        if (question && isFault(message)) {
          const caller = callerOf(question.authInfo);
          const noting = this.#note(caller, question.method);
          this.#noted.set(caller, noting);
          if (!ofOneRequest) await noting;
        }
      }
      return send(message, options);
    };
  }

  async #note({ context }: Caller, method?: string): Promise<void> {
    const { requestId, transport } = context;
    await this.#refusals.ofCaller(context, { code: CODE, transport, requestId, action: method });
  }
}

/** The method that a message names; undefined where it is no message. */
function methodOf(body: unknown): string | undefined {
  const method = (body as { method?: unknown } | undefined)?.method;
  return typeof method === 'string' ? method : undefined;
}

function isFault(message: Message): boolean {
  if (!('error' in message)) return false;
  const data = message.error.data as { error?: { request_id?: unknown } } | undefined;
  return data?.error?.request_id === undefined;
}
