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
    open: (tuning) => openDynamo(options, tuning),
    async stop() {
      if (!server.listening) return;
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
