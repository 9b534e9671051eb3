import type { Backend } from '../engine.ts';
import { filesystemBackend } from './filesystem.ts';

/** Every engine that a route can name. */
export const BACKENDS: readonly Backend[] = [filesystemBackend];
