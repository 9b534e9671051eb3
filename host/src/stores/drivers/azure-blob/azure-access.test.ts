import { BlobServiceClient, ContainerSASPermissions } from '@azure/storage-blob';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestAzure } from '../../../../test/engines/azurite/open-test-azure.ts';
import { startAzurite, type Azurite } from '../../../../test/engines/azurite/start-azurite.ts';
import { describeEngine, whyNotStarting } from '../../../../test/engines/describe-engine.ts';
import { expectCode, freshTenant } from '../../contract/contract-kit.ts';
import { openAzureBlob } from './open-azure-blob.ts';

await describeEngine('azure_blob access', whyNotStarting(startAzurite), () => {
  let azurite: Azurite;
  let service: BlobServiceClient;

  beforeAll(async () => {
    azurite = await startAzurite();
    service = BlobServiceClient.fromConnectionString(azurite.connectionString);
  });
  afterAll(() => azurite?.stop());

  /** The account's address with a signature for the container alone. */
  const signedUrl = async (permissions: string): Promise<string> => {
    const expiresOn = new Date(Date.now() + 3_600_000);
    const signed = await service
      .getContainerClient('objects')
      .generateSasUrl({ permissions: ContainerSASPermissions.parse(permissions), expiresOn });
    return `${service.url}?${signed.split('?')[1]}`;
  };

  it('works with a shared access signature for one container, which cannot make containers', async () => {
    await service.getContainerClient('objects').createIfNotExists();
    const { store, close } = await openTestAzure({ url: await signedUrl('rcw') });
    const at = { tenantId: freshTenant(), kind: 'media' };
    const { sha256 } = await store.put(at, 'a', Buffer.from('signed'), { mediaType: 'text/plain' });
    const chunks: Uint8Array[] = [];
    for await (const chunk of (await store.get(at, 'a'))!.body) chunks.push(chunk);
    expect([Buffer.concat(chunks).toString(), (await store.stat(at, 'a'))?.sha256]).toEqual(['signed', sha256]);
    await close();
  });

  it('says at the first call that a signature may not write, and names nothing', async () => {
    await service.getContainerClient('objects').createIfNotExists();
    const { store, close } = await openTestAzure({ url: await signedUrl('r') });
    const at = { tenantId: freshTenant(), kind: 'media' };
    const put = store.put(at, 'a', Buffer.from('refused'), { mediaType: 'text/plain' });
    expect((await expectCode('unavailable', put)).message).toContain('access is denied');
    expect(await store.stat(at, 'a')).toBeUndefined();
    await close();
  });

  it('removes old leftovers of dead processes, and refuses calls once it is closed', async () => {
    const { store, names, spoolDir, closeObjects, close } = await openTestAzure(azurite.connectionString);
    const at = { tenantId: freshTenant(), kind: 'media' };
    await store.put(at, 'a', Buffer.from('kept'), { mediaType: 'text/plain' });
    const { body } = (await store.get(at, 'a'))!;
    await closeObjects();
    await closeObjects();
    await expectCode('unavailable', store.put(at, 'b', Buffer.from('small'), { mediaType: 'text/plain' }));
    await expectCode('unavailable', store.get(at, 'a'));
    await expectCode('unavailable', body[Symbol.asyncIterator]().next());

    const spool = join(spoolDir, 'northstar-azure-spool');
    await mkdir(spool, { recursive: true });
    for (const name of ['old', 'new']) await writeFile(join(spool, name), 'half');
    await utimes(join(spool, 'old'), 1, 1);
    const { connectionString } = azurite;
    const again = await openAzureBlob({ connectionString, container: 'objects', names, spoolDir });
    expect(await readdir(spool)).toEqual(['new']);
    await again.close();
    await close();
  });
});
