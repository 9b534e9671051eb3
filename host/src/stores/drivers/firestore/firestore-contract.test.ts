import { describeEngine, whyNotStarting } from '../../../../test/engines/describe-engine.ts';
import { describeEngineFailures } from '../../contract/engine-failures.contract.ts';
import { describeEventSpine, type SpineClockOptions } from '../../contract/event-spine.contract.ts';
import { describeTabularStore } from '../../contract/tabular-store.contract.ts';
import { describeTwoHosts } from '../../contract/two-hosts.contract.ts';
import { spineWithKeyCodec, tabularWithKeyCodec } from '../../with-key-codec.ts';
import { startFirestoreEmulator } from '../../../../test/engines/firestore-emulator/start-firestore-emulator.ts';
import { openFirestore, type FirestoreStores } from './open-firestore.ts';

async function opened<Store>(
  build: (stores: FirestoreStores) => Store,
  clock?: SpineClockOptions,
): Promise<{ store: Store; close(): Promise<void> }> {
  const emulator = await startFirestoreEmulator();
  const stores = await openFirestore({ projectId: 'demo', emulatorHost: emulator.host, timeoutMs: 25_000, ...clock });
  const close = async (): Promise<void> => {
    await stores.close();
    emulator.stop();
  };
  return { store: build(stores), close };
}

const openHost = (emulatorHost: string, timeoutMs = 25_000) =>
  openFirestore({ projectId: 'demo', emulatorHost, timeoutMs });

/** Every call takes milliseconds. */
const small = { scale: 'small' } as const;

await describeEngine('firestore', whyNotStarting(startFirestoreEmulator), () => {
  describeTabularStore('firestore', () => opened(({ tabular }) => tabularWithKeyCodec(tabular)), small);
  describeEventSpine('firestore', (clock) => opened(({ spine }) => spineWithKeyCodec(spine), clock), small);
  describeTwoHosts('firestore', async () => {
    const { host, stop } = await startFirestoreEmulator();
    const hosts = [await openHost(host), await openHost(host)] as const;
    return { hosts, close: () => Promise.all(hosts.map(({ close }) => close())).then(stop) };
  });
  describeEngineFailures('firestore', async () => {
    const emulator = await startFirestoreEmulator();
    const { hostname: host, port } = new URL(`http://${emulator.host}`);
    return { host, port: Number(port), open: openHost, close: async () => emulator.stop() };
  });
});
