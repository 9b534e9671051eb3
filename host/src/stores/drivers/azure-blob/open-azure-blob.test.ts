import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeEngine, whyNotStarting } from '../../../../test/engines/describe-engine.ts';
import { openTestAzure } from '../../../../test/engines/azurite/open-test-azure.ts';
import { startAzurite, type Azurite } from '../../../../test/engines/azurite/start-azurite.ts';
import { expectCode, freshTenant } from '../../contract/contract-kit.ts';
import { describeObjectFailures } from '../../contract/object-failures.contract.ts';
import { describeObjectStore } from '../../contract/object-store.contract.ts';
import type { ObjectStore } from '../../object-store.ts';

await describeEngine('azure_blob', whyNotStarting(startAzurite), () => {
  describeObjectStore('azure blob', async () => {
    const azurite = await startAzurite();
    const { store, close } = await openTestAzure(azurite.connectionString);
    return { store, close: () => close().finally(() => azurite.stop()) };
  });
  describeObjectFailures('azure blob', async () => {
    const { connectionString, stop } = await startAzurite();
    const address = /127\.0\.0\.1:(\d+)/.exec(connectionString)!;
    const open = (through: string, timeoutMs: number) =>
      openTestAzure(connectionString.replace(address[0], through), timeoutMs);
    return { host: '127.0.0.1', port: Number(address[1]), open, close: stop };
  });

  let azurite: Azurite;
  let container: ContainerClient;
  let at: { tenantId: string; kind: string };

  beforeAll(async () => {
    azurite = await startAzurite();
    container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient('objects');
  });
  afterAll(() => azurite?.stop());
  beforeEach(() => {
    at = { tenantId: freshTenant(), kind: 'media' };
  });

  const put = (store: ObjectStore, key: string, bytes: Uint8Array) =>
    store.put(at, key, bytes, { mediaType: 'text/plain' });
  const blobs = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const { name } of container.listBlobsFlat({ prefix: `lab/${at.tenantId}/` })) found.push(name);
    return found;
  };
  const drain = async (store: ObjectStore, key: string): Promise<number> => {
    let bytes = 0;
    for await (const chunk of (await store.get(at, key))!.body) bytes += chunk.length;
    return bytes;
  };

  it('keeps equal bytes of a tenant once, and no spooled file', async () => {
    const { store, spoolDir, close } = await openTestAzure(azurite.connectionString);
    const same = Buffer.from('same');
    await Promise.all(Array.from({ length: 8 }, (_, i) => put(store, `k${i}`, same)));
    const { sha256 } = await put(store, 'again', same);
    expect(await blobs()).toEqual([`lab/${at.tenantId}/${sha256.slice(0, 2)}/${sha256}`]);
    const spooled = await readdir(spoolDir, { recursive: true, withFileTypes: true });
    expect(spooled.filter((entry) => entry.isFile())).toEqual([]);
    await close();
  });

  it('gives racing puts of the same large bytes one blob, sent in blocks', async () => {
    const { store, close } = await openTestAzure(azurite.connectionString);
    const bytes = randomBytes(20 * 1024 * 1024);
    await Promise.all(['a', 'b', 'c'].map((key) => put(store, key, bytes)));
    expect(await blobs()).toHaveLength(1);
    expect(await drain(store, 'c')).toBe(bytes.length);
    await close();
  });

  it('reports bytes that are missing or cut short, and heals them by a new put', async () => {
    const { store, close } = await openTestAzure(azurite.connectionString);
    await put(store, 'a', Buffer.from('precious'));
    const blob = container.getBlockBlobClient((await blobs())[0]!);
    await blob.upload('pre', 3);
    await expectCode('corrupt', store.get(at, 'a'));
    await put(store, 'b', Buffer.from('precious'));
    expect(await drain(store, 'a')).toBe(8);
    await blob.delete();
    await expectCode('corrupt', store.get(at, 'a'));
    await put(store, 'b', Buffer.from('precious'));
    expect(await drain(store, 'a')).toBe(8);
    await close();
  });

  it('heals bytes of equal length that another program has put there, by a new put', async () => {
    const { store, close } = await openTestAzure(azurite.connectionString);
    await put(store, 'a', Buffer.from('precious'));
    await container.getBlockBlobClient((await blobs())[0]!).upload('previous', 8);
    await put(store, 'b', Buffer.from('precious'));
    expect([await drain(store, 'a'), await drain(store, 'b')]).toEqual([8, 8]);
    await close();
  });

  it('reports bytes that changed below the service, and heals them by the next put', async () => {
    const { store, close } = await openTestAzure(azurite.connectionString);
    const { sha256 } = await put(store, 'a', Buffer.from('precious'));
    // As a damaged disk leaves it: the service says of it what it said before.
    await container.getBlockBlobClient((await blobs())[0]!).upload('previous', 8, { metadata: { sha256 } });
    await expectCode('corrupt', drain(store, 'a'));
    await put(store, 'b', Buffer.from('precious'));
    expect([await drain(store, 'a'), await drain(store, 'b')]).toEqual([8, 8]);
    await close();
  });

  it('lets go of a body that is not read to its end', async () => {
    const { store, close } = await openTestAzure(azurite.connectionString);
    await put(store, 'a', randomBytes(3_000_000));
    for (let i = 0; i < 60; i++) for await (const _ of (await store.get(at, 'a'))!.body) break;
    expect(await drain(store, 'a')).toBe(3_000_000);
    await close();
  });

  it('answers within its time when the server has gone, keeping the names as they were', async () => {
    const own = await startAzurite();
    const { store, spoolDir, close } = await openTestAzure(own.connectionString, 1000);
    await put(store, 'a', Buffer.from('old'));
    const body = (await store.get(at, 'a'))!.body;
    await own.stop();
    const started = performance.now();
    await expectCode('unavailable', put(store, 'a', Buffer.from('new')));
    await expectCode('unavailable', store.get(at, 'a'));
    await expectCode('unavailable', body[Symbol.asyncIterator]().next());
    await expectCode('unavailable', openTestAzure(own.connectionString, 1000));
    expect(performance.now() - started).toBeLessThan(8_000);
    expect((await store.stat(at, 'a'))?.size).toBe(3);
    const spooled = await readdir(spoolDir, { recursive: true, withFileTypes: true });
    expect(spooled.filter((entry) => entry.isFile())).toEqual([]);
    await close();
  });
});
