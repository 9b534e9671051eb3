import { z } from 'zod';
import { defineBackend } from '../engine.ts';
import { httpUrl, names, SECRETS, text } from './settings.ts';

const place = { container: text, prefix: text.optional(), names };

/** An account is given by its connection string, or by its address with a shared access signature in it. */
export const azureBlobBackend = defineBackend({
  name: 'azure_blob',
  ports: ['objects'],
  sellable: true,
  config: z.union(
    [z.strictObject({ connectionString: text, ...place }), z.strictObject({ url: httpUrl, ...place })],
    'expected connectionString or url, container, names, and perhaps prefix',
  ),
  secrets: SECRETS,
  async open({ names, ...config }, host) {
    const { openAzureBlob } = await import('../../stores/drivers/azure-blob/open-azure-blob.ts');
    return openAzureBlob({ ...config, names: await host.tabularOf(names), spoolDir: host.spoolDir });
  },
});
