import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What becomes of the answers to a request: none ever comes, or the connection ends instead of the first. */
export type Loss = 'silence' | 'cut';

/** A wire to a real server that a test can cut or block, without touching anybody else's connections. */
export interface TcpProxy {
  readonly port: number;
  /** `127.0.0.1:<port>` */
  readonly host: string;
  /** Ends every connection, as a restart of the server does; new ones are let through. */
  cut(): void;
  /** Holds back what the server sends, until called with false: calls arrive and are answered by silence. */
  muteAnswers(mute: boolean): void;
  /**
   * Looks from now on for a mark in what clients send, as Latin-1. With `lose`, the request that has it reaches the
   * server and its answer is lost, with all that follow on the same connection; what came before passes.
   */
  watch(mark: RegExp, lose?: Loss): void;
  /** Stops looking, and ends the connections that lost answers. Answers with how often the mark was sent. */
  unwatch(): number;
  /** Refuses new connections and ends those that there are, until called with false. */
  refuse(refuse: boolean): void;
  close(): Promise<void>;
}

interface Wire {
  readonly client: Socket;
  readonly server: Socket;
  /** What the client sent since the watch began. */
  sent: string;
  lost: boolean;
}

export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const wires = new Set<Wire>();
  let watched: { mark: RegExp; lose: Loss | undefined; wires: Set<Wire> } | undefined;
  let refusing = false;
  let muted = false;
  const listener = createServer((client) => {
    if (refusing) {
      client.destroy();
      return;
    }
    const wire: Wire = { client, server: connect(target), sent: '', lost: false };
    const { server } = wire;
    wires.add(wire);
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('error', () => {});
      one.on('close', () => {
        wires.delete(wire);
        other.destroy();
      });
    }
    // Before the bytes go on: the answer must find the wire lost already.
    client.on('data', (chunk: Buffer) => {
      if (!watched) return;
      watched.wires.add(wire);
      wire.sent += chunk.toString('latin1');
      if (watched.lose && !wire.lost && watched.mark.test(wire.sent)) lose(wire, watched.lose);
    });
    client.pipe(server);
    if (!muted) server.pipe(client);
  });
  await new Promise<void>((ready) => listener.listen(0, '127.0.0.1', ready));
  const cut = (): void => {
    for (const { client, server } of wires) {
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
      for (const { client, server } of wires) {
        if (mute) server.unpipe(client).pause();
        else server.pipe(client);
      }
    },
    watch(mark, lose) {
      for (const wire of wires) wire.sent = '';
      watched = { mark, lose, wires: new Set() };
    },
    unwatch() {
      if (!watched) return 0;
      const every = new RegExp(watched.mark, `${watched.mark.flags.replace('g', '')}g`);
      const counts = [...watched.wires].map(({ sent }) => sent.match(every)?.length ?? 0);
      watched = undefined;
      for (const { client, lost } of wires) if (lost) client.destroy();
      return counts.reduce((sum, count) => sum + count, 0);
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

function lose(wire: Wire, how: Loss): void {
  const { client, server } = wire;
  wire.lost = true;
  server.unpipe(client);
  server.on('data', () => how === 'cut' && client.destroy());
  server.resume();
}
