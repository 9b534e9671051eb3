import { register } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../package-root.ts';
import type { HookData } from './ts-hooks.ts';

let registered = false;

/** From now on this process can import TypeScript files as they stand, with error positions in their own lines. */
export function registerTypeScript(code: Omit<HookData, 'sdk'>): void {
  if (registered) return;
  registered = true;
  process.setSourceMapsEnabled(true);
  const dist = pathToFileURL(join(packageRoot(), 'dist', '/')).href;
  const data: HookData = { ...code, sdk: new URL('index.js', dist).href };
  register(new URL('load/ts-hooks.js', dist), { data });
}
