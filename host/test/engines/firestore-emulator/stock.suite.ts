import { describeTabularStore } from '../../../src/stores/contract/tabular-store.contract.ts';
import { openFirestore } from '../../../src/stores/drivers/firestore/open-firestore.ts';
import { tabularWithKeyCodec } from '../../../src/stores/with-key-codec.ts';
import { startFirestoreEmulator } from './start-firestore-emulator.ts';

// Run by stock-emulator.test.ts, which requires it to fail.
describeTabularStore('firestore, stock emulator', async () => {
  const emulator = await startFirestoreEmulator('stock');
  const stores = await openFirestore({ projectId: 'demo', emulatorHost: emulator.host });
  const close = async (): Promise<void> => {
    await stores.close();
    emulator.stop();
  };
  return { store: tabularWithKeyCodec(stores.tabular), close };
});
