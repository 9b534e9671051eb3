import {
  WebStandardStreamableHTTPServerTransport,
  type AuthInfo,
  type JSONRPCMessage,
} from '@modelcontextprotocol/server';

type Send = WebStandardStreamableHTTPServerTransport['send'];

export interface SessionTransportOptions {
  readonly id: string;
  /** Marks this host's own requests to the client, where several hosts serve one session; no `/` in it. */
  readonly tag?: string | undefined;
  readonly onInitialized: () => void;
}

/** Whose request a message of the client answers. */
export type AnswerTo = 'nobody' | 'this host' | 'another host';

/**
 * The SDK's transport of one session, made fit for a session that several hosts serve. Each host counts its requests
 * to the client from 0, so they carry the host's tag: the answer may arrive anywhere, and two hosts may ask at once.
 */
export class SessionTransport extends WebStandardStreamableHTTPServerTransport {
  readonly #tag: string | undefined;

  constructor({ id, tag, onInitialized }: SessionTransportOptions) {
    super({ sessionIdGenerator: () => id, onsessioninitialized: onInitialized });
    this.#tag = tag;
  }

  override send(...[message, options]: Parameters<Send>): ReturnType<Send> {
    return super.send(this.#tag === undefined ? message : tagged(message, this.#tag), options);
  }

  answers(message: unknown): AnswerTo {
    if (!isAnswer(message)) return 'nobody';
    const { id } = message;
    if (this.#tag === undefined || typeof id !== 'string' || !id.includes('/')) return 'this host';
    return id.startsWith(`${this.#tag}/`) ? 'this host' : 'another host';
  }

  /** The message as the SDK expects it: an answer to this host under the number that the SDK gave. */
  untagged(message: unknown): unknown {
    if (this.#tag === undefined || !isAnswer(message) || this.answers(message) !== 'this host') return message;
    const number = Number(String(message.id).slice(this.#tag.length + 1));
    return Number.isSafeInteger(number) ? { ...message, id: number } : message;
  }

  /** Hands the SDK what the client sent to another host: an answer or a notification, which nothing answers. */
  receive(message: unknown): void {
    this.onmessage?.(this.untagged(message) as JSONRPCMessage);
  }

  /** Says what the client said earlier to another host, and waits until the SDK has taken it. */
  async replay(message: object, authInfo: AuthInfo): Promise<void> {
    const request = new Request('http://host.invalid/mcp', {
      method: 'POST',
      headers: {
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        ...(this.sessionId !== undefined && { 'mcp-session-id': this.sessionId }),
      },
    });
    const response = await this.handleRequest(request, { parsedBody: message, authInfo });
    await response.text();
  }
}

function isAnswer(message: unknown): message is { id: unknown } {
  return (
    typeof message === 'object' && message !== null && 'id' in message && ('result' in message || 'error' in message)
  );
}

/** Tags requests of this host, and its word that it no longer waits for the answer to one. */
function tagged(message: JSONRPCMessage, tag: string): JSONRPCMessage {
  if (!('method' in message)) return message;
  if ('id' in message) return { ...message, id: `${tag}/${message.id}` };
  const requestId = (message.params as { requestId?: unknown } | undefined)?.requestId;
  if (message.method !== 'notifications/cancelled' || requestId === undefined) return message;
  return { ...message, params: { ...message.params, requestId: `${tag}/${String(requestId)}` } };
}
