import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { openTestAzure, type TestAzure } from '../../../../test/engines/azurite/open-test-azure.ts';
import { startRefusingProxy, type RefusingProxy } from '../../../../test/engines/azurite/refusing-proxy.ts';
import { startAzurite, type Azurite } from '../../../../test/engines/azurite/start-azurite.ts';
import { describeEngine, whyNotStarting } from '../../../../test/engines/describe-engine.ts';
import { chunkOfClaimedSize } from '../../contract/claimed-size.ts';
import { expectCode, freshTenant } from '../../contract/contract-kit.ts';

const VIDEO = { mediaType: 'video/mp4' };

await describeEngine('azure_blob limits', whyNotStarting(startAzurite), () => {
  let azurite: Azurite;
  let proxy: RefusingProxy;
  let azure: TestAzure;
  let at: { tenantId: string; kind: string };

  beforeAll(async () => {
    azurite = await startAzurite();
  });
  afterAll(() => azurite?.stop());
  beforeEach(async () => {
    const [address, port] = /127\.0\.0\.1:(\d+)/.exec(azurite.connectionString)!;
    at = { tenantId: freshTenant(), kind: 'media' };
    // The bytes of blobs, whole or in blocks, but not the making of the container.
    const isUpload = ({ method = '', url = '' }: { method?: string; url?: string }): boolean =>
      method === 'PUT' && !url.includes('restype=container');
    proxy = await startRefusingProxy({ host: '127.0.0.1', port: Number(port) }, isUpload);
    azure = await openTestAzure(azurite.connectionString.replace(address, proxy.host));
  });
  afterEach(async () => {
    await azure.close();
    await proxy.stop();
  });

  it('refuses what is longer than a blob can be, before a byte is sent', async () => {
    const { store } = azure;
    expect(store.limits.maxValueBytes).toBe(50_000 * 4000 * 1024 ** 2);
    const before = proxy.requests.length;
    const tooLong = store.limits.maxValueBytes + 1;
    await expectCode('too_large', store.put(at, 'a', chunkOfClaimedSize(tooLong), VIDEO));
    // A caller's own limit above it changes nothing.
    await expectCode('too_large', store.put(at, 'a', chunkOfClaimedSize(tooLong), { ...VIDEO, maxBytes: tooLong }));
    expect(proxy.requests.slice(before)).toEqual([]);
    expect(await store.stat(at, 'a')).toBeUndefined();
  });

  it.each([4, 17 * 1024 ** 2])(
    'says that an object of %i bytes is too large when the service says so, and names nothing',
    async (size) => {
      await expectCode('too_large', azure.store.put(at, 'a', randomBytes(size), VIDEO));
      expect(proxy.requests.filter((request) => request.startsWith('PUT')).length).toBeGreaterThan(1);
      expect(await azure.store.stat(at, 'a')).toBeUndefined();
    },
  );
});
