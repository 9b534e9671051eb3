import { connect } from 'node:net';
import type { ErrorEnvelope } from '../../../src/errors/error-envelope.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed body; `undefined` where it is not JSON. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into answers of every shape
  readonly json: any;
}

export interface Call {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly body?: RequestInit['body'];
  readonly signal?: AbortSignal;
}

/** Speaks HTTP to one base URL with headers that every request carries. */
export function httpClient(base: string, defaults: Record<string, string>) {
  return async (path: string, call: Call = {}): Promise<Answer> => {
    const json = 'json' in call;
    const response = await fetch(base + path, {
      method: call.method ?? (json || call.body !== undefined ? 'POST' : 'GET'),
      headers: { ...defaults, ...(json && { 'content-type': 'application/json' }), ...call.headers },
      ...((json || call.body !== undefined) && { body: json ? JSON.stringify(call.json) : call.body! }),
      ...(call.body instanceof ReadableStream && { duplex: 'half' }),
      ...(call.signal && { signal: call.signal }),
    } as RequestInit);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parsed(text) };
  };
}

export type HttpCall = ReturnType<typeof httpClient>;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export function codeOf(answer: { json: unknown }): string | undefined {
  return (answer.json as Partial<ErrorEnvelope> | undefined)?.error?.code;
}

export interface RawOptions {
  /** Ends the sending side once an answer comes, or at once when the text ends within its head; default true. */
  readonly end?: boolean;
  /** Milliseconds of silence after which what came so far is returned; default 3000. */
  readonly quietMs?: number;
}

/** Sends bytes as they are and gives back everything that came until the server closed the connection. */
export function rawRequest(base: string, text: string | Buffer, options: RawOptions = {}): Promise<string> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname.replace(/[[\]]/g, ''));
    let received = '';
    const done = (): void => {
      socket.destroy();
      resolve(received);
    };
    socket.setTimeout(options.quietMs ?? 3000, done);
    const end = options.end ?? true;
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (end) socket.end();
    });
    socket.on('close', done);
    socket.on('error', (error) => (received === '' ? reject(error) : done()));
    // Node cuts the connection of a sender that is done while its answer is still being made.
    if (end && !text.includes('\r\n\r\n')) socket.end(text);
    else socket.write(text);
  });
}

/** Head lines of a request, without the empty line that ends them. */
export function head(start: string, headers: Record<string, string>): string {
  return [`${start} HTTP/1.1`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)].join('\r\n');
}

/** Status and parsed JSON body of the first response in raw bytes. */
export function parseRaw(received: string): Pick<Answer, 'status' | 'json'> {
  const [top = '', ...rest] = received.split('\r\n\r\n');
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(top)?.[1]), json: parsed(rest.join('\r\n\r\n')) };
}
