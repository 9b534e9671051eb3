import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A wire to a real server that a test can cut or block, without touching anybody else's connections. */
export interface TcpProxy {
  readonly port: number;
  /** `127.0.0.1:<port>` */
  readonly host: string;
  /** Ends every connection, as a restart of the server does; new ones are let through. */
  cut(): void;
  /** Holds back what the server sends, until called with false: calls arrive and are answered by silence. */
  muteAnswers(mute: boolean): void;
  /** Refuses new connections and ends those that there are, until called with false. */
  refuse(refuse: boolean): void;
  close(): Promise<void>;
}

export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const pairs = new Set<readonly [client: Socket, server: Socket]>();
  let refusing = false;
  let muted = false;
  const listener = createServer((client) => {
    if (refusing) {
      client.destroy();
      return;
    }
    const server = connect(target);
    const pair = [client, server] as const;
    pairs.add(pair);
    for (const [one, other] of [pair, [server, client] as const]) {
      one.on('error', () => {});
      one.on('close', () => {
        pairs.delete(pair);
        other.destroy();
      });
    }
    client.pipe(server);
    if (!muted) server.pipe(client);
  });
  await new Promise<void>((ready) => listener.listen(0, '127.0.0.1', ready));
  const cut = (): void => {
    for (const [client, server] of pairs) {
      client.destroy();
      server.destroy();
    }
  };
  const { port } = listener.address() as AddressInfo;
  return {
    port,
    host: `127.0.0.1:${port}`,
    cut,
    muteAnswers(mute) {
      muted = mute;
      for (const [client, server] of pairs) {
        if (mute) server.unpipe(client).pause();
        else server.pipe(client);
      }
    },
    refuse(refuse) {
      refusing = refuse;
      if (refuse) cut();
    },
    async close() {
      cut();
      await new Promise((closed) => listener.close(closed));
    },
  };
}
