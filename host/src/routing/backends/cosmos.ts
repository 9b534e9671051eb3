import { z } from 'zod';
import { defineBackend } from '../engine.ts';
import { httpUrl, name, SECRETS, text } from './settings.ts';

const id = name(/^[^/\\?#\r\n\t]{0,254}[^/\\?#\s]$/, '1 to 255 characters without / \\ ? #, and no space at the end');

export const cosmosBackend = defineBackend({
  name: 'cosmos',
  ports: ['tabular', 'spine'],
  sellable: true,
  config: z.strictObject({
    endpoint: httpUrl,
    key: text,
    database: id,
    container: id,
    emulator: z.boolean().optional(),
  }),
  secrets: SECRETS,
  open: async (config) => (await import('../../stores/drivers/cosmos/open-cosmos.ts')).openCosmos(config),
});
