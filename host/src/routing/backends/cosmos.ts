import { z } from 'zod';
import { defineBackend } from '../engine.ts';
import { httpUrl, SECRETS, text } from './settings.ts';

export const cosmosBackend = defineBackend({
  name: 'cosmos',
  ports: ['tabular', 'spine'],
  sellable: true,
  config: z.strictObject({
    endpoint: httpUrl,
    key: text,
    database: text,
    container: text,
    emulator: z.boolean().optional(),
  }),
  secrets: SECRETS,
  open: async (config) => (await import('../../stores/drivers/cosmos/open-cosmos.ts')).openCosmos(config),
});
