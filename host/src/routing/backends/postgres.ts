import { z } from 'zod';
import { defineBackend } from '../engine.ts';
import { text, urlOf } from './settings.ts';

export const postgresBackend = defineBackend({
  name: 'postgres',
  ports: ['tabular', 'spine'],
  sellable: true,
  config: z.strictObject({
    url: urlOf(['postgres', 'postgresql'], 'postgres://user:password@host:5432/database'),
    schema: text.optional(),
    pool: z.int().min(1).max(500).optional(),
  }),
  secrets: [],
  open: async (config) => (await import('../../stores/drivers/postgres/open-postgres.ts')).openPostgres(config),
  async openHints({ url, schema }) {
    const { openPostgresHints } = await import('../../stores/hints/postgres-hints.ts');
    return openPostgresHints({ url, ...(schema && { channel: schema }) });
  },
});
