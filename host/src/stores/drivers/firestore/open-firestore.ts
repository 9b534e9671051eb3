import type { Firestore } from '@google-cloud/firestore';
import { createRequire } from 'node:module';
import { importClient } from '../import-client.ts';
import { DocumentWrites } from './document-writes.ts';
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
  readonly writes: DocumentWrites;
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
  const { timeoutMs = 10_000, now = Date.now } = options;
  const settings = {
    projectId,
    ...(keyFilename !== undefined && { keyFilename }),
    clientConfig: onceOnly(timeoutMs),
  };
  const db = new client.Firestore({
    ...settings,
    ...(database !== undefined && { databaseId: database }),
    ...(emulatorHost !== undefined && { ...address(emulatorHost), ssl: false }),
  });
  const writer = new client.v1.FirestoreClient({
    ...settings,
    ...(emulatorHost !== undefined && { ...apiEndpoint(emulatorHost), sslCreds: withoutTls() }),
  });
  const calls = new FirestoreCalls(timeoutMs);
  const writes = new DocumentWrites(writer, calls, `projects/${projectId}/databases/${database ?? '(default)'}`);
  const engine: FirestoreEngine = { db, writes, root, calls, now };
  return {
    tabular: new FirestoreTabularStore(engine),
    spine: new FirestoreEventSpine(engine),
    close: () => calls.close(async () => void (await Promise.all([db.terminate(), writes.close()]))),
  };
}

/**
 * Neither client repeats a commit that got no answer: it may come through when others have written since. What the
 * caller hears is `unknown_outcome`.
 */
function onceOnly(timeoutMs: number): object {
  const Commit = { timeout_millis: timeoutMs, retry_codes_name: 'none' };
  return { interfaces: { 'google.firestore.v1.Firestore': { retry_codes: { none: [] }, methods: { Commit } } } };
}

function address(emulatorHost: string): { host: string; port: number } {
  const { hostname, port } = new URL(`http://${emulatorHost}`);
  return { host: hostname, port: Number(port) };
}

function apiEndpoint(emulatorHost: string): { servicePath: string; port: number } {
  const { host, port } = address(emulatorHost);
  return { servicePath: host, port };
}

/** From the gRPC library that the client itself uses: another copy of it would not know the credentials. */
function withoutTls(): never {
  const fromHere = createRequire(import.meta.url);
  const fromClient = createRequire(fromHere.resolve('@google-cloud/firestore'));
  const { grpc } = fromClient('google-gax') as { grpc: { credentials: { createInsecure(): never } } };
  return grpc.credentials.createInsecure();
}
