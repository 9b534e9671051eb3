import { z } from 'zod';
import { defineBackend } from '../engine.ts';
import { awsCredentials, awsRegion, httpUrl, name, names, prefix, SECRETS } from './settings.ts';

/** Buckets made before 2018 may have capitals and _; servers that speak S3 have rules of their own. */
const bucketName = name(
  /^(arn:[\w-]+:s3[\w-]*:\S+|[A-Za-z0-9_.-]{3,255})$/,
  '3 to 255 of A-Z a-z 0-9 _ . -, or the ARN of an access point',
);

export const s3Backend = defineBackend({
  name: 's3',
  ports: ['objects'],
  sellable: true,
  config: z.strictObject({
    region: awsRegion,
    bucket: bucketName,
    endpoint: httpUrl.optional(),
    prefix: prefix.optional(),
    credentials: awsCredentials.optional(),
    names,
  }),
  secrets: SECRETS,
  async open({ names, ...config }, host) {
    const { openS3 } = await import('../../stores/drivers/s3/open-s3.ts');
    return openS3({ ...config, names: await host.tabularOf(names), spoolDir: host.spoolDir });
  },
});
