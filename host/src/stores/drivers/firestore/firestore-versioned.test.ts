import { describeEngine, whyNotStarting } from '../../../../test/engines/describe-engine.ts';
import { startFirestoreEmulator } from '../../../../test/engines/firestore-emulator/start-firestore-emulator.ts';
import { describeVersionedStore } from '../../contract/versioned-store.contract.ts';
import { spineWithKeyCodec, tabularWithKeyCodec } from '../../with-key-codec.ts';
import { openFirestore } from './open-firestore.ts';

await describeEngine('firestore versions', whyNotStarting(startFirestoreEmulator), () => {
  describeVersionedStore('firestore', async () => {
    const emulator = await startFirestoreEmulator();
    const stores = await openFirestore({ projectId: 'demo', emulatorHost: emulator.host, timeoutMs: 25_000 });
    const { tabular, spine, close } = stores;
    return {
      store: { tabular: tabularWithKeyCodec(tabular), spine: spineWithKeyCodec(spine) },
      close: () => close().then(emulator.stop),
    };
  });
});
