import { z } from 'zod';
import { defineBackend } from '../engine.ts';
import { name, text } from './settings.ts';

/** Firestore keeps `.`, `..` and `__…__` for itself. */
const COLLECTION = /^(?!\.{1,2}$)(?!__.*__$)[^/]+$/;

export const firestoreBackend = defineBackend({
  name: 'firestore',
  ports: ['tabular', 'spine'],
  sellable: true,
  config: z.strictObject({
    projectId: name(/^[A-Za-z0-9_.:-]{1,100}$/, 'the id of a project, like acme-prod'),
    database: name(/^(\(default\)|[a-z][a-z0-9-]{2,61}[a-z0-9])$/, '(default), or 4 to 63 of a-z 0-9 -').optional(),
    root: text.regex(COLLECTION, 'the name of one collection, no "/", and neither ".." nor "__…__"').optional(),
    keyFilename: text.optional(),
    emulatorHost: z
      .string()
      .regex(/^[\w.-]+:\d{1,5}$/, 'expected host:port, like 127.0.0.1:8080')
      .optional(),
  }),
  secrets: [],
  open: async (config) => (await import('../../stores/drivers/firestore/open-firestore.ts')).openFirestore(config),
});
