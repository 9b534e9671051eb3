import { readFile } from 'node:fs/promises';
import { statSync } from 'node:fs';
import type { LoadHook, ResolveHook } from 'node:module';
import { fileURLToPath } from 'node:url';
import { compilerOptions, loadTypeScript, type TypeScript } from '../check/source/find-typescript.ts';

/** What `registerTypeScript` hands over to this module, which runs in a thread of its own. */
export interface HookData {
  /** What to import for a file by its path, where it was compiled before. */
  readonly compiled?: { readonly [path: string]: string };
  /** Absolute path of the TypeScript to compile the other files with. Without it they are not imported. */
  readonly typescript?: string;
  /** A file of the SDK, from which zod and the SDK are resolved: one copy each, as in the host. */
  readonly sdk: string;
}

let compiler: TypeScript | undefined;
let compiled: { readonly [path: string]: string } = {};
let sdk: string;

export function initialize(data: HookData): void {
  if (data.typescript !== undefined) compiler = loadTypeScript(data.typescript);
  ({ sdk, compiled = {} } = data);
}

const SHARED = new Set(['@northstar/sdk', 'zod', 'zod/v3', 'zod/v4']);
const SOURCE = /\.[cm]?tsx?$/;
/** Tried in this order for a relative import without an extension, or with the one that a build would give it. */
const ENDINGS = ['.ts', '.js', '.mjs', '.json', '/index.ts', '/index.js'];

export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  if (SHARED.has(specifier)) return nextResolve(specifier, { ...context, parentURL: sdk });
  if (!/^\.{0,2}\//.test(specifier) || context.parentURL === undefined) return nextResolve(specifier, context);
  const url = new URL(specifier, context.parentURL);
  if (url.protocol !== 'file:' || isFile(url)) return nextResolve(specifier, context);
  const stem = url.href.replace(/\.[cm]?js$/, '');
  const found = ENDINGS.map((ending) => new URL(stem + ending)).find(isFile);
  return nextResolve(found?.href ?? specifier, context);
};

export const load: LoadHook = async (url, context, nextLoad) => {
  if (url.startsWith('file:') && SOURCE.test(url)) {
    const path = fileURLToPath(url);
    const source = compiled[path] ?? (compiler && compile(compiler, path, await readFile(path, 'utf8')));
    if (source === undefined) return nextLoad(url, context);
    return { format: 'module', source, shortCircuit: true };
  }
  if (url.startsWith('file:') && url.endsWith('.json') && context.importAttributes.type === undefined) {
    const source = `export default ${await readFile(fileURLToPath(url), 'utf8')}`;
    return { format: 'module', source, shortCircuit: true };
  }
  return nextLoad(url, context);
};

function compile(compiler: TypeScript, fileName: string, text: string): string {
  return compiler.transpileModule(text, { fileName, compilerOptions: compilerOptions(compiler) }).outputText;
}

function isFile(url: URL): boolean {
  return statSync(url, { throwIfNoEntry: false })?.isFile() ?? false;
}
