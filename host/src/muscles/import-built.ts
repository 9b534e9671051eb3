import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import module from 'node:module';
import { pathToFileURL } from 'node:url';
import { HOST_MODULES } from './host-modules.ts';

/** Marks the URLs of built muscles, so that the hook below touches nobody else's imports. */
const MARK = 'northstar-built=';
const SHARED = Symbol.for('@northstar/host/modules');

/**
 * Imports a built impl.js natively, without a transform and without blocking the event loop. Its content is part of
 * the URL: the same bytes are the same module, new bytes a fresh one. Node never forgets an ES module, so each
 * *distinct* build that a process has served stays in memory until it ends.
 */
export async function importBuilt(file: string): Promise<Record<string, unknown>> {
  shareHostModules();
  const digest = createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
    .slice(0, 16);
  return (await import(/* @vite-ignore */ `${pathToFileURL(file).href}?${MARK}${digest}`)) as Record<string, unknown>;
}

let shared = false;

/** Gives built muscles the host's own zod and SDK, wherever they lie and whatever they have installed. */
function shareHostModules(): void {
  if (shared) return;
  shared = true;
  (globalThis as Record<symbol, unknown>)[SHARED] = HOST_MODULES;
  const urls = Object.fromEntries(Object.entries(HOST_MODULES).map(([name, exports]) => [name, bridge(name, exports)]));
  const { registerHooks } = module as { registerHooks?: (hooks: object) => void };
  // In this thread where Node can (22.15 and later), in a thread of its own where it cannot yet.
  if (registerHooks) registerHooks({ resolve: resolveBuilt(urls, MARK) });
  else
    module.register(`data:text/javascript,${encodeURIComponent(HOOK_THREAD)}`, {
      parentURL: import.meta.url,
      data: { urls, mark: MARK },
    });
}

/** A module that hands on what this process has loaded already. */
function bridge(name: string, exports: object): string {
  const names = Object.keys(exports).filter((key) => key !== 'default' && /^[\w$]+$/.test(key));
  const source = `const shared = globalThis[Symbol.for(${JSON.stringify(SHARED.description)})][${JSON.stringify(name)}];
const { ${names.map((key) => `${key}: _${key}`).join(', ')} } = shared;
export { ${names.map((key) => `_${key} as ${key}`).join(', ')} };
export default shared.default;`;
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

interface Resolved {
  readonly url: string;
}
type Next = (specifier: string, context: object) => Resolved | Promise<Resolved>;

/** Stands on its own, without a name of this file: its text also runs in the hook thread. */
function resolveBuilt(urls: Record<string, string>, mark: string) {
  return (specifier: string, context: { parentURL?: string }, next: Next): unknown => {
    const query = context.parentURL?.split('?')[1];
    if (!query?.startsWith(mark)) return next(specifier, context);
    const url = urls[specifier];
    if (url !== undefined) return { url, shortCircuit: true };
    const resolved = next(specifier, context);
    // A chunk that the build split off is as new as the file that imports it.
    const alike = (found: Resolved): Resolved =>
      specifier.startsWith('.') ? { ...found, url: `${found.url}?${query}` } : found;
    return resolved instanceof Promise ? resolved.then(alike) : alike(resolved);
  };
}

const HOOK_THREAD = `const resolveBuilt = ${resolveBuilt.toString()};
let inner;
export function initialize({ urls, mark }) { inner = resolveBuilt(urls, mark); }
export async function resolve(specifier, context, next) { return inner(specifier, context, next); }`;
