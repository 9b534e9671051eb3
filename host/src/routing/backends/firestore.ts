import { z } from 'zod';
import { defineBackend } from '../engine.ts';
import { text } from './settings.ts';

export const firestoreBackend = defineBackend({
  name: 'firestore',
  ports: ['tabular', 'spine'],
  sellable: true,
  config: z.strictObject({
    projectId: text,
    database: text.optional(),
    root: text.regex(/^[^/]+$/, 'the name of one collection, no "/"').optional(),
    keyFilename: text.optional(),
    emulatorHost: z
      .string()
      .regex(/^[\w.-]+:\d{1,5}$/, 'expected host:port, like 127.0.0.1:8080')
      .optional(),
  }),
  secrets: [],
  open: async (config) => (await import('../../stores/drivers/firestore/open-firestore.ts')).openFirestore(config),
});
