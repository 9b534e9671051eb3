import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface StallingProxy {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  /** From now on requests arrive, and their answers are lost. */
  swallowAnswers(): void;
  stop(): void;
}

/** Stands between a driver and its engine, to lose answers. `target` is `host:port`. */
export async function stallingProxy(target: string): Promise<StallingProxy> {
  const { hostname, port } = new URL(`http://${target}`);
  const sockets = new Set<Socket>();
  let swallowing = false;
  const server = createServer((client) => {
    const engine = connect(Number(port), hostname);
    for (const [socket, other] of [
      [client, engine],
      [engine, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        other.destroy();
        sockets.delete(socket);
      });
    }
    client.on('data', (chunk) => engine.write(chunk));
    engine.on('data', (chunk) => {
      if (!swallowing) client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    swallowAnswers() {
      swallowing = true;
    },
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
