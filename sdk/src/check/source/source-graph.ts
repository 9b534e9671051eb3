import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSource } from './read-source.ts';
import type { ImportFound, SourceFacts } from './source-facts.ts';
import type { TypeScript } from './find-typescript.ts';

const SOURCE = /\.[cm]?[jt]sx?$/;
const ENDINGS = ['', '.ts', '.js', '.mjs', '.json', '/index.ts', '/index.js'];
/** A muscle of more files than this is not one that a person wrote by hand. */
const MAX_FILES = 500;

/** impl.ts and every file of the folder that it reaches by relative imports, in the order they are met. */
export function readSourceGraph(compiler: TypeScript, dir: string, shown: (path: string) => string): SourceFacts[] {
  const root = realpathSync(dir);
  const queue = [join(dir, 'impl.ts')];
  const seen = new Set<string>();
  const files: SourceFacts[] = [];
  for (const path of queue) {
    if (seen.has(path) || files.length === MAX_FILES || !isFile(path)) continue;
    seen.add(path);
    const facts = readSource(compiler, { path, file: shown(path), text: readFileSync(path, 'utf8') });
    const imports = facts.imports.map((entry): ImportFound => {
      const target = targetOf(path, entry.text);
      return target === undefined ? entry : { ...entry, target };
    });
    files.push({ ...facts, imports });
    for (const { target } of imports)
      if (target !== undefined && SOURCE.test(target) && isInside(root, target)) queue.push(target);
  }
  return files;
}

/** Whether a file really lies in the folder, links followed. */
export function isInside(root: string, path: string): boolean {
  const way = relative(root, existsSync(path) ? realpathSync(path) : path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** The file that an import by path leads to; nothing for packages, and for files that are not there. */
function targetOf(importer: string, specifier: string): string | undefined {
  const path = specifierPath(importer, specifier);
  if (path === undefined) return undefined;
  const stem = path.replace(/\.[cm]?js$/, '');
  return [path, ...ENDINGS.map((ending) => stem + ending)].find(isFile);
}

/** Absolute path that an import by path means, whether or not something is there; nothing for packages. */
export function specifierPath(importer: string, specifier: string): string | undefined {
  if (specifier.startsWith('file:')) return fileURLToPath(specifier);
  if (isAbsolute(specifier)) return specifier;
  return /^\.{1,2}(\/|$)/.test(specifier) ? join(dirname(importer), specifier) : undefined;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
