import { z } from 'zod';
import { defineBackend } from '../engine.ts';
import { name, urlOf } from './settings.ts';

/** As the driver has it, less what the server keeps for itself. */
const schemaName = name(
  /^(?!pg_)[a-z_][a-z0-9_]{0,62}$/,
  '1 to 63 of a-z 0-9 _, no digit first and not pg_, like northstar_acme',
);

export const postgresBackend = defineBackend({
  name: 'postgres',
  ports: ['tabular', 'spine'],
  sellable: true,
  config: z.strictObject({
    url: urlOf(['postgres', 'postgresql'], 'postgres://user:password@host:5432/database'),
    schema: schemaName.optional(),
    pool: z.int().min(1).max(500).optional(),
  }),
  secrets: [],
  open: async (config) => (await import('../../stores/drivers/postgres/open-postgres.ts')).openPostgres(config),
  async openHints({ url, schema }) {
    const { openPostgresHints } = await import('../../stores/hints/postgres-hints.ts');
    return openPostgresHints({ url, ...(schema && { channel: schema }) });
  },
});
