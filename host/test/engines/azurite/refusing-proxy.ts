import { once } from 'node:events';
import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RefusingProxy {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  /** Every request that came, `PUT /account/container/blob`, also those that were refused. */
  readonly requests: readonly string[];
  stop(): Promise<void>;
}

/** Before a server that speaks Azure Blob's protocol: answers the requests that `refused` picks with 413, as Azure does. */
export async function startRefusingProxy(
  target: { readonly host: string; readonly port: number },
  refused: (asked: IncomingMessage) => boolean,
): Promise<RefusingProxy> {
  const requests: string[] = [];
  const server = createServer((asked, response) => {
    const { method, url, headers } = asked;
    requests.push(`${method} ${url?.split('?')[0]}`);
    if (refused(asked)) {
      asked.resume();
      response.writeHead(413, { 'x-ms-error-code': 'RequestBodyTooLarge', 'content-type': 'application/xml' });
      response.end('<?xml version="1.0" encoding="utf-8"?><Error><Code>RequestBodyTooLarge</Code></Error>');
      return;
    }
    const forwarded = request({ ...target, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.destroy());
    asked.pipe(forwarded);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
