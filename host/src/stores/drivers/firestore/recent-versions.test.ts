import { expect, it } from 'vitest';
import { describeEngine, whyNotStarting } from '../../../../test/engines/describe-engine.ts';
import { startFirestoreEmulator } from '../../../../test/engines/firestore-emulator/start-firestore-emulator.ts';
import { freshTenant } from '../../contract/contract-kit.ts';
import { tabularWithKeyCodec } from '../../with-key-codec.ts';
import { openFirestore } from './open-firestore.ts';

await describeEngine('firestore recent versions', whyNotStarting(startFirestoreEmulator), () => {
  it('[STORE-03] writes without a condition to what another host has replaced, deleted or made anew', async () => {
    const emulator = await startFirestoreEmulator();
    const open = () => openFirestore({ projectId: 'demo', emulatorHost: emulator.host });
    const all = [await open(), await open()];
    const [a, b] = all.map((stores) => tabularWithKeyCodec(stores.tabular)) as [Records, Records];
    try {
      const at = { tenantId: freshTenant(), kind: 'notes' };
      await a.put(at, 'k', 'seen');
      await b.put(at, 'k', 'replaced');
      const { version } = await a.put(at, 'k', 'over it');
      expect(await b.get(at, 'k')).toMatchObject({ value: 'over it', version });
      await b.delete(at, 'k');
      await a.put(at, 'k', 'again');
      expect((await b.get(at, 'k'))?.value).toBe('again');
      await b.delete(at, 'k');
      expect(await a.delete(at, 'k')).toBe(false);
      await b.put(at, 'k', 'anew');
      expect(await a.delete(at, 'k')).toBe(true);
      expect(await b.get(at, 'k')).toBeUndefined();
    } finally {
      await Promise.all(all.map((stores) => stores.close()));
      emulator.stop();
    }
  });
});

type Records = ReturnType<typeof tabularWithKeyCodec>;
