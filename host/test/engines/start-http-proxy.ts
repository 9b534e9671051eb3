import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** `pass` to the server; answer with this status instead; or pass it on and end the connection without the answer. */
export type Treatment = 'pass' | 'lose-answer' | { readonly status: number; readonly body: string };

export interface HttpProxy {
  /** `http://127.0.0.1:<port>/` */
  readonly endpoint: string;
  /** Decides about each request; set it anew at any time. */
  treat: (request: IncomingMessage) => Treatment;
  close(): Promise<void>;
}

/** Stands before a server that speaks HTTP, and does to single requests what a test wants to see survived. */
export async function startHttpProxy(target: string): Promise<HttpProxy> {
  const server = createServer((asked, answer) => {
    const treatment = proxy.treat(asked);
    if (typeof treatment === 'object') refuse(asked, answer, treatment);
    else forward(target, asked, treatment === 'pass' ? answer : undefined);
  });
  const treat: HttpProxy['treat'] = () => 'pass';
  const proxy = {
    endpoint: '',
    treat,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return proxy;
}

function refuse(asked: IncomingMessage, answer: ServerResponse, { status, body }: { status: number; body: string }) {
  // Once the request is read: a client that still sends would only see its connection end.
  asked.resume().once('end', () => answer.writeHead(status, { 'content-type': 'application/json' }).end(body));
}

/** Without `answer` the server answers in full, and then the client's connection is cut. */
function forward(target: string, asked: IncomingMessage, answer: ServerResponse | undefined): void {
  const { method, headers, url } = asked;
  const sent = request(new URL(url!, target), { method: method!, headers }, (got) => {
    if (answer) got.pipe(answer.writeHead(got.statusCode!, got.headers));
    else got.resume().once('end', () => asked.socket.destroy());
  });
  sent.on('error', () => asked.socket.destroy());
  asked.pipe(sent);
}
