import { z } from 'zod';
import { defineBackend } from '../engine.ts';
import { httpUrl, name, names, prefix, SECRETS, text } from './settings.ts';

/** `$root` is left out: it takes no blob with a "/" in its name, as all of ours have. */
const containerName = name(/^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/, '3 to 63 of a-z 0-9 -, no - at an end or twice');

/** An account is given by its connection string, or by its address with a shared access signature in it. */
export const azureBlobBackend = defineBackend({
  name: 'azure_blob',
  ports: ['objects'],
  sellable: true,
  config: z
    .strictObject({
      connectionString: text.optional(),
      url: httpUrl.optional(),
      container: containerName,
      prefix: prefix.optional(),
      names,
    })
    .refine(
      ({ connectionString, url }) => (connectionString === undefined) !== (url === undefined),
      'expected connectionString or url, container, names, and perhaps prefix',
    ),
  secrets: SECRETS,
  async open({ names, connectionString, url = '', ...place }, host) {
    const { openAzureBlob } = await import('../../stores/drivers/azure-blob/open-azure-blob.ts');
    const account = connectionString === undefined ? { url } : { connectionString };
    return openAzureBlob({ ...account, ...place, names: await host.tabularOf(names), spoolDir: host.spoolDir });
  },
});
