import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../../..');
export const PLUGINS = join(ROOT, 'plugins');
export const NORTHSTAR = join(ROOT, 'host/bin/northstar.js');
