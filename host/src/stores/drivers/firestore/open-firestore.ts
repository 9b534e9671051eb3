import type { Firestore, Timestamp } from '@google-cloud/firestore';
import { importClient } from '../import-client.ts';
import { FirestoreCalls } from './firestore-calls.ts';
import { FirestoreEventSpine } from './firestore-event-spine.ts';
import { FirestoreTabularStore } from './firestore-tabular-store.ts';

export interface FirestoreOptions {
  readonly projectId: string;
  /** Default `(default)`. In Native mode; not one in Datastore mode. */
  readonly database?: string;
  /** The collection under which the host keeps everything; default `northstar`. No `/`. */
  readonly root?: string;
  /** A service account's key file. Default: the application default credentials of the machine. */
  readonly keyFilename?: string;
  /** `127.0.0.1:8080`: an emulator, spoken to without TLS and without credentials. */
  readonly emulatorHost?: string;
  /** Milliseconds after which a call is given up; default 10,000. */
  readonly timeoutMs?: number;
  /** Milliseconds since 1970, for the times of events; default `Date.now`. */
  readonly now?: () => number;
}

/** What the two stores share. */
export interface FirestoreEngine {
  readonly db: Firestore;
  readonly Timestamp: typeof Timestamp;
  readonly root: string;
  readonly calls: FirestoreCalls;
  readonly now: () => number;
}

export interface FirestoreStores {
  /** The drivers themselves: the host puts the key codec on top. */
  readonly tabular: FirestoreTabularStore;
  readonly spine: FirestoreEventSpine;
  /** Refuses further calls and ends the connections. May be called twice. */
  close(): Promise<void>;
}

/**
 * Opens records and event streams in Firestore. Connects at the first call, so that a wrong project or missing
 * credentials show there, as `unavailable`.
 *
 * Set up once: in the collection groups `records` and `commits` exempt the field `json` from indexing. Without it
 * Firestore indexes the beginning of every value, which costs storage and the speed of writes.
 *
 * @throws StoreError `unavailable` when the package `@google-cloud/firestore` is not installed.
 */
export async function openFirestore(options: FirestoreOptions): Promise<FirestoreStores> {
  const name = '@google-cloud/firestore';
  const client = await importClient('Firestore', name, () => import('@google-cloud/firestore'));
  const { projectId, database, root = 'northstar', keyFilename, emulatorHost } = options;
  if (root === '' || root.includes('/')) throw new RangeError(`root is "${root}": the name of one collection, no "/".`);
  const db = new client.Firestore({
    projectId,
    ...(database !== undefined && { databaseId: database }),
    ...(keyFilename !== undefined && { keyFilename }),
    ...(emulatorHost !== undefined && { ...address(emulatorHost), ssl: false }),
  });
  const { Timestamp } = client;
  const { timeoutMs = 10_000, now = Date.now } = options;
  const calls = new FirestoreCalls(timeoutMs);
  const engine: FirestoreEngine = { db, Timestamp, root, calls, now };
  return {
    tabular: new FirestoreTabularStore(engine),
    spine: new FirestoreEventSpine(engine),
    close: () => calls.close(() => db.terminate()),
  };
}

function address(emulatorHost: string): { host: string; port: number } {
  const { hostname, port } = new URL(`http://${emulatorHost}`);
  return { host: hostname, port: Number(port) };
}
