import { z } from 'zod';
import { defineBackend } from '../engine.ts';

export const FILESYSTEM = 'filesystem';

/** The host's own data folder. It is open already, so the router hands it out itself; this says what it can do. */
export const filesystemBackend = defineBackend({
  name: FILESYSTEM,
  ports: ['tabular', 'spine', 'objects'],
  sellable: false,
  config: z.strictObject({}),
  secrets: [],
  open: () => Promise.reject(new Error('the filesystem engine is opened by the host')),
});
