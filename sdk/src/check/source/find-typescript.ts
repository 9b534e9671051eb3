import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type ts from 'typescript';

export type TypeScript = typeof ts;

/** Where the TypeScript of the muscle's project is, or else the one beside the SDK. Absolute path of its entry. */
export function findTypeScript(dir: string): string | undefined {
  for (const from of [pathToFileURL(join(dir, 'package.json')), import.meta.url]) {
    try {
      return createRequire(from).resolve('typescript');
    } catch {
      // Not there: look in the next place.
    }
  }
  return undefined;
}

/** It is CommonJS, so `require` is how it is loaded without a copy of its exports. */
export function loadTypeScript(entry: string): TypeScript {
  return createRequire(import.meta.url)(entry) as TypeScript;
}

/** How a muscle's file becomes a module that Node can import, with errors at the lines of the source. */
export function compilerOptions(compiler: TypeScript): ts.CompilerOptions {
  return {
    target: compiler.ScriptTarget.ES2022,
    module: compiler.ModuleKind.ESNext,
    inlineSourceMap: true,
    inlineSources: true,
  };
}
