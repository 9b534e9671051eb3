import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../../..');

export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** What it imports: repository paths for relative imports, specifiers for packages. */
  readonly imports: readonly string[];
}

const SKIPPED = new Set(['node_modules', 'dist', 'out', '.git', '.northstar', 'coverage']);

/** Every TypeScript file below these folders of the repository; tests only when asked for. */
export function sourceFiles(folders: readonly string[], { tests = false } = {}): SourceFile[] {
  return folders
    .flatMap((folder) => walk(join(ROOT, folder)))
    .filter((file) => /\.[cm]?tsx?$/.test(file) && (tests || !isTest(file)))
    .map((file) => {
      const text = readFileSync(file, 'utf8');
      return { path: relative(ROOT, file), text, imports: importsOf(file, text) };
    });
}

function isTest(file: string): boolean {
  return /\.test\.ts$|\.test-d\.ts$|\.contract\.ts$|\/test\//.test(relative(ROOT, file));
}

function walk(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return [];
    const path = join(dir, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  });
}

function importsOf(file: string, text: string): string[] {
  const found = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
  return found.map((specifier) =>
    specifier.startsWith('.') ? relative(ROOT, resolve(dirname(file), specifier)) : specifier,
  );
}
