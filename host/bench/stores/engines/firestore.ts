import type * as FirestoreLibrary from '@google-cloud/firestore';
import type { Firestore, Timestamp } from '@google-cloud/firestore';
import { createRequire } from 'node:module';
import type { Json } from '@northstar/sdk';
import { startFirestoreEmulator } from '../../../test/engines/firestore-emulator/start-firestore-emulator.ts';
import { openFirestore } from '../../../src/stores/drivers/firestore/open-firestore.ts';
import { spineWithKeyCodec, tabularWithKeyCodec } from '../../../src/stores/with-key-codec.ts';
import { bareCommits, padded, type Commit, type Head } from './commit-chain.ts';
import { portSide, type EventSide, type RecordSide, type Rig } from '../store-side.ts';

// Not imported: with the loader that benchmarks run under, Node 20 gets the cycles between this package's modules wrong.
const { Firestore: Client, Timestamp: Time } = createRequire(import.meta.url)(
  '@google-cloud/firestore',
) as typeof FirestoreLibrary;

/** The Firestore engine, and its client by hand, on one emulator. */
export async function openFirestoreRig(): Promise<Rig> {
  const emulator = await startFirestoreEmulator();
  const stores = await openFirestore({ projectId: 'demo', emulatorHost: emulator.host, timeoutMs: 25_000 });
  const { hostname, port } = new URL(`http://${emulator.host}`);
  const db = new Client({ projectId: 'demo', host: hostname, port: Number(port), ssl: false });
  return {
    port: portSide({ tabular: tabularWithKeyCodec(stores.tabular), spine: spineWithKeyCodec(stores.spine) }),
    bare: { ...bareRecords(db), ...bareEvents(db) },
    bareDoes:
      'set, get, and update at the time of the last update; an append creates the document behind the newest, which it ' +
      'reads first, in a transaction: without one, a number whose event was trimmed meanwhile could be taken again; 64 ' +
      'callers: their 64 events in one document, with an indexed list of their ids, by hand; the tenant stands in the ' +
      'path and in the filter',
    async close() {
      await db.terminate();
      await stores.close();
      emulator.stop();
    },
  };
}

function bareRecords(db: Firestore): RecordSide {
  const at = (key: string) => db.doc(`bare/t_bench/records/${encodeURIComponent(key)}`);
  const toVersion = ({ seconds, nanoseconds }: Timestamp): string => `${seconds}.${nanoseconds}`;
  const write = async (key: string, value: Json): Promise<string> =>
    toVersion((await at(key).set({ json: JSON.stringify(value) })).writeTime);
  return {
    put: write,
    create: write,
    async compareAndSet(key, value, version) {
      const [seconds = 0, nanoseconds = 0] = version.split('.').map(Number);
      const lastUpdateTime = new Time(seconds, nanoseconds);
      return toVersion((await at(key).update({ json: JSON.stringify(value) }, { lastUpdateTime })).writeTime);
    },
    async get(key) {
      const found = await at(key).get();
      return { key, version: toVersion(found.updateTime!), value: JSON.parse(found.get('json') as string) as unknown };
    },
  };
}

function bareEvents(db: Firestore): EventSide {
  const commits = db.collection('bare/t_bench/commits');
  const ours = commits.where('tenant', '==', 't_bench');
  const head = ours.orderBy('first', 'desc').select('first', 'count', 'lastAt').limit(1);
  return bareCommits({
    append: (next) =>
      db.runTransaction(async (transaction) => {
        const commit = next((await transaction.get(head)).docs[0]?.data() as Head | undefined);
        transaction.create(commits.doc(padded(commit.first)), { tenant: 't_bench', ...commit });
      }),
    async page(from, to) {
      const { docs } = await ours.where('first', '>=', from).where('first', '<=', to).orderBy('first').get();
      return docs.map((doc) => doc.data() as Commit);
    },
  });
}
