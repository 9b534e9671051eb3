import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../../log/logger.ts';
import { NO_OTHER_HOSTS, type ChangeFeed } from '../../spine/change-feed.ts';
import { tempFolder, type TempFolder } from '../../stores/contract/temp-folder.ts';
import { openEmbeddedStores, type EmbeddedStores } from '../../stores/open-embedded-stores.ts';
import type { Audience } from '../capability-factory.ts';
import { HostPulse, SILENT_MS } from './host-pulse.ts';
import { JobDesk } from './job-desk.ts';
import { JobStore } from './job-store.ts';

const audience: Audience = { tenantId: 't_a', mode: 'lab', projectId: 'p' };
let folder: TempFolder;
let stores: EmbeddedStores;
let now: number;
beforeEach(async () => {
  now = Date.now();
  folder = await tempFolder();
  stores = await openEmbeddedStores(folder.path);
});
afterEach(async () => {
  await stores.close();
  await folder.remove();
});

/** A host that shares the stores with the others of the test. */
function desk(changes: ChangeFeed = NO_OTHER_HOSTS): JobDesk {
  const pulse = new HostPulse(stores.tabular, () => now);
  return new JobDesk({ store: new JobStore(stores), pulse, changes, logger: silentLogger, limit: 9 });
}

test('[JOB-05] a job of a host that is silent counts as interrupted for whoever asks', async () => {
  const { record } = await desk().open(audience, 'a.work');
  const other = desk();
  now += SILENT_MS - 1;
  expect(await other.status(audience, 'a.work', record.job_id)).toMatchObject({ state: 'running' });
  now += 1;
  const found = await other.status(audience, 'a.work', record.job_id);
  expect(found).toMatchObject({ state: 'interrupted', error: { code: 'muscle.failed' } });
});

test('[JOB-05] a host that starts beside others marks the jobs of silent ones alone', async () => {
  const dead = await desk().open(audience, 'a.work');
  now += SILENT_MS;
  const alive = await desk().open(audience, 'a.work');
  await desk().markInterrupted({ alone: false });
  const store = new JobStore(stores);
  expect(await store.get(audience, dead.record.job_id)).toMatchObject({ state: 'interrupted' });
  expect(await store.get(audience, alive.record.job_id)).toMatchObject({ state: 'running' });
});

test('[JOB-05] a cancellation that cannot be told to the host that runs the job leaves it running', async () => {
  const { record } = await desk().open(audience, 'a.work');
  const cutOff = desk({
    ...NO_OTHER_HOSTS,
    publish: async () => {
      throw new Error('the feed is down');
    },
  });
  await expect(cutOff.cancel(audience, 'a.work', record.job_id)).rejects.toThrow('the feed is down');
  expect(await cutOff.status(audience, 'a.work', record.job_id)).toMatchObject({ state: 'running' });
});

test('[JOB-05] a host that missed changes stops the jobs that were cancelled meanwhile', async () => {
  let missed = (): void => undefined;
  const first = desk({ ...NO_OTHER_HOSTS, onMissed: (listener) => (missed = listener) });
  const job = await first.open(audience, 'a.work');
  const ended = new Promise<Error>((resolve) => job.onEnd(resolve));
  await desk().cancel(audience, 'a.work', job.record.job_id);
  missed();
  expect(await ended).toMatchObject({ code: 'request.cancelled' });
});
