import { z } from 'zod';
import { defineBackend } from '../engine.ts';
import { awsCredentials, httpUrl, names, SECRETS, text } from './settings.ts';

export const s3Backend = defineBackend({
  name: 's3',
  ports: ['objects'],
  sellable: true,
  config: z.strictObject({
    region: text,
    bucket: text,
    endpoint: httpUrl.optional(),
    prefix: text.optional(),
    credentials: awsCredentials.optional(),
    names,
  }),
  secrets: SECRETS,
  async open({ names, ...config }, host) {
    const { openS3 } = await import('../../stores/drivers/s3/open-s3.ts');
    return openS3({ ...config, names: await host.tabularOf(names), spoolDir: host.spoolDir });
  },
});
