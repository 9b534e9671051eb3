import { z } from 'zod';
import { defineBackend } from '../engine.ts';
import { awsCredentials, httpUrl, SECRETS, text } from './settings.ts';

export const dynamodbBackend = defineBackend({
  name: 'dynamodb',
  ports: ['tabular', 'spine'],
  sellable: true,
  config: z.strictObject({
    region: text,
    table: text,
    endpoint: httpUrl.optional(),
    credentials: awsCredentials.optional(),
  }),
  secrets: SECRETS,
  open: async (config) => (await import('../../stores/drivers/dynamodb/open-dynamo.ts')).openDynamo(config),
});
