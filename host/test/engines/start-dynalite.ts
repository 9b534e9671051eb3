import { once } from 'node:events';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo, Socket } from 'node:net';
import {
  ensureTable,
  openDynamo,
  type DynamoOptions,
  type DynamoStores,
  type DynamoTuning,
} from '../../src/stores/drivers/dynamodb/open-dynamo.ts';

const PATIENT = { connectionTimeout: 60_000, requestTimeout: 60_000 };

type Dynalite = (options: { createTableMs: number }) => Server;

export interface TestTable {
  readonly options: DynamoOptions;
  open(tuning?: DynamoTuning): Promise<DynamoStores>;
  /** Ends the server at once, with every connection. May be called twice. */
  stop(): Promise<void>;
}

/** An empty table in dynalite, an emulator of DynamoDB, on a free port of this machine. For tests. */
export async function startDynalite(): Promise<TestTable> {
  const dynalite = createRequire(import.meta.url)('dynalite') as Dynalite;
  const server = dynalite({ createTableMs: 0 });
  // A server that was kept from its event loop would otherwise reset connections that only seem idle.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const options = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    table: 'northstar',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  await ensureTable(options);
  return {
    options,
    // The emulator shares this process: on a busy machine it answers late, and nothing is wrong.
    open: (tuning) => openDynamo(options, { timeouts: PATIENT, ...tuning }),
    async stop() {
      if (!server.listening) return;
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
