import type { GrpcServer } from './grpc-calls.ts';
import { disturbed, type Disturbance } from './disturbed.ts';
import { hardened } from './hardened.ts';

export interface Emulator {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  /**
   * What happens to the next commits, one each: `lost` is carried out and answered as when the connection breaks,
   * `refused` is not carried out, because there is too much to do.
   */
  disturb(...commits: readonly Disturbance[]): void;
  stop(): void;
}

/**
 * The Firestore emulator from npm, in this process, on a free port of the loopback interface. `stock` is the emulator
 * as it comes: it takes writes whose condition does not hold, and is there to show that the contract notices.
 */
export async function startFirestoreEmulator(kind: 'hardened' | 'stock' = 'hardened'): Promise<Emulator> {
  // Otherwise the client library looks for credentials at the metadata address of a cloud machine.
  process.env.METADATA_SERVER_DETECTION = 'none';
  const { FirestoreServer } = await import('@firestore-emulator/server');
  const emulator = new FirestoreServer();
  const grpc = (emulator as unknown as { server: GrpcServer }).server;
  if (kind === 'hardened') hardened(emulator.state, grpc);
  const disturb = disturbed(grpc);
  const bind = grpc.bindAsync.bind(grpc);
  const host = new Promise<string>((resolve) => {
    // It would bind all interfaces.
    grpc.bindAsync = (_address, credentials, done) =>
      bind('127.0.0.1:0', credentials, (error, port) => {
        resolve(`127.0.0.1:${port}`);
        done(error, port);
      });
  });
  await emulator.start(0);
  return { host: await host, disturb, stop: () => emulator.stop() };
}
