import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeEngine, whyNotStarting } from '../../../../test/engines/describe-engine.ts';
import {
  startFirestoreEmulator,
  type Emulator,
} from '../../../../test/engines/firestore-emulator/start-firestore-emulator.ts';
import { allData, expectCode, freshTenant } from '../../contract/contract-kit.ts';
import { openFirestore, type FirestoreStores } from './open-firestore.ts';

await describeEngine('firestore lost answers', whyNotStarting(startFirestoreEmulator), () => {
  let emulator: Emulator;
  let stores: FirestoreStores;
  let at: { tenantId: string; kind: string; stream: string };

  beforeAll(async () => {
    emulator = await startFirestoreEmulator();
    stores = await openFirestore({ projectId: 'demo', emulatorHost: emulator.host, timeoutMs: 5000 });
  });
  afterAll(async () => {
    await stores.close();
    emulator.stop();
  });
  beforeEach(() => {
    at = { tenantId: freshTenant(), kind: 'notes', stream: 'log' };
  });

  it('[STORE-03] does not send a put again whose answer was lost: others may have written since', async () => {
    const { tabular } = stores;
    for (const conditional of [false, true]) {
      const { version } = await tabular.put(at, 'k', 'before');
      emulator.disturb('lost');
      const put = tabular.put(at, 'k', 'mine', conditional ? { ifVersion: version } : undefined);
      await expectCode('unknown_outcome', put);
      expect((await tabular.get(at, 'k'))?.value).toBe('mine');
    }
    emulator.disturb('lost');
    await expectCode('unknown_outcome', tabular.put(at, 'new', 'mine', { ifVersion: 'absent' }));
  });

  it('[STORE-03] does not send a delete again whose answer was lost, nor says that it found nothing', async () => {
    const { tabular } = stores;
    for (const conditional of [false, true]) {
      const { version } = await tabular.put(at, 'k', 'before');
      emulator.disturb('lost');
      await expectCode('unknown_outcome', tabular.delete(at, 'k', conditional ? { ifVersion: version } : undefined));
      expect(await tabular.get(at, 'k')).toBeUndefined();
    }
  });

  it('[STORE-03] does not send an append again whose answer was lost; repeated with its id it is there once', async () => {
    const { spine } = stores;
    const event = { type: 'counted', data: 1, eventId: 'once' };
    emulator.disturb('lost');
    await expectCode('unknown_outcome', spine.append(at, event));
    expect(await spine.append(at, event)).toMatchObject({ duplicate: true, seq: 1 });
    expect(await allData(spine, at)).toEqual([1]);
  });

  it('repeats what Firestore refused as too much, since nothing was done', async () => {
    const { spine, tabular } = stores;
    emulator.disturb('refused', 'refused');
    const { version } = await tabular.put(at, 'k', 1, { ifVersion: 'absent' });
    emulator.disturb('refused');
    expect(await tabular.delete(at, 'k', { ifVersion: version })).toBe(true);
    emulator.disturb('refused');
    expect(await spine.append(at, { type: 'counted', data: 1 })).toMatchObject({ seq: 1, duplicate: false });
  });
});
