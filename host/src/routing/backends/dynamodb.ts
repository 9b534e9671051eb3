import { z } from 'zod';
import { defineBackend } from '../engine.ts';
import { awsCredentials, awsRegion, httpUrl, name, SECRETS } from './settings.ts';

const tableName = name(
  /^(arn:[\w-]+:dynamodb:[\w-]*:\d{12}:table\/)?[A-Za-z0-9_.-]{3,255}$/,
  '3 to 255 of A-Z a-z 0-9 _ . -, or the ARN of a table',
);

export const dynamodbBackend = defineBackend({
  name: 'dynamodb',
  ports: ['tabular', 'spine'],
  sellable: true,
  config: z.strictObject({
    region: awsRegion,
    table: tableName,
    endpoint: httpUrl.optional(),
    credentials: awsCredentials.optional(),
  }),
  secrets: SECRETS,
  open: async (config) => (await import('../../stores/drivers/dynamodb/open-dynamo.ts')).openDynamo(config),
});
